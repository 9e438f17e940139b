//! The static checks of a profile, and the expansion of its shorthand.
//!
//! Invariant: what passes here compiles without a question left open.

use std::collections::BTreeSet;

use super::OwnPath;
use super::fault::{Fault, Faults, ProfileError};
use super::machine::Requirement;
use super::spec::{
    Coupling, DealStatus, Grants, Presence, ProfileSpec, RoleSpec, TaskStatus, Trigger, Writer,
};
use super::template::named_facts;
use crate::access::{Action, Scope, Table};
use crate::describe::{FieldKind, Kind};
use crate::pipeline::check_stages;
use crate::value::{Word, normal};

pub(crate) fn check(spec: &ProfileSpec) -> Result<(), ProfileError> {
    let mut faults = Faults::default();
    check_roles(spec, &mut faults);
    check_ownership(spec, &mut faults);
    check_fields(spec, &mut faults);
    check_money(spec, &mut faults);
    check_deals(spec, &mut faults);
    check_tasks(spec, &mut faults);
    check_activities(spec, &mut faults);
    check_modules(spec, &mut faults);
    check_limits(spec, &mut faults);
    faults.into_result()
}

/// Grants as a table. The more exact line wins: an action, then a noun with `.*`, then `*`. What belongs to a part of the
/// engine that is off is granted to nobody.
pub(crate) fn expand(spec: &ProfileSpec, grants: &Grants) -> Table {
    let mut table = Table::NOTHING;
    let there = |action: &&Action| action.module().is_none_or(|module| module.is_on(spec));
    for action in Action::ALL.iter().filter(there) {
        let noun = action.name().split_once('.').map_or("", |(noun, _)| noun);
        let said = [action.name().to_owned(), format!("{noun}.*"), "*".to_owned()];
        let scope = said.iter().find_map(|name| grants.get(name)).copied();
        table.set(*action, scope.unwrap_or(Scope::None));
    }
    table
}

fn check_grants(place: &str, grants: &Grants, faults: &mut Faults) {
    for (name, scope) in grants {
        let noun = name.strip_suffix(".*");
        let known = name == "*"
            || name.parse::<Action>().is_ok()
            || noun.is_some_and(|noun| {
                Action::ALL.iter().any(|action| action.name().split('.').next() == Some(noun))
            });
        if !known {
            let known = Action::ALL.iter().map(|action| action.name().to_owned()).collect();
            faults.add(place, Fault::Unknown { name: name.clone(), known });
        }
        if *scope == Scope::Team {
            faults.add(place, Fault::Unsupported("the scope `team`".to_owned()));
        }
    }
}

fn check_roles(spec: &ProfileSpec, faults: &mut Faults) {
    let names: Vec<_> = spec.roles.iter().map(|role| role.name.clone()).collect();
    faults.no_duplicates("roles", &names);
    if !names.contains(&spec.founder) {
        faults.unknown("founder", spec.founder.as_str(), &names);
    }
    for role in &spec.roles {
        let place = format!("roles.{}", role.name);
        check_grants(&format!("{place}.grants"), &role.grants, faults);
        for (list, targets) in [("adds", &role.adds), ("changes", &role.changes), ("removes", &role.removes)]
        {
            for target in targets.iter().filter(|target| !names.contains(target)) {
                faults.unknown(&format!("{place}.{list}"), target.as_str(), &names);
            }
        }
        let gives = |other: &RoleSpec| other.adds.contains(&role.name) || other.changes.contains(&role.name);
        if role.name != spec.founder && !spec.roles.iter().any(gives) {
            faults.add(&place, Fault::Ungrantable);
        }
    }
    check_grants("actors.system", &spec.actors.system, faults);
    check_grants("actors.agent", &spec.actors.agent, faults);
    check_grants("actors.anonymous", &spec.actors.anonymous, faults);
}

/// Reads `"owner"`, `"deal.owner"` or `"owner?"`; the last field must name a member.
pub(crate) fn own_path(kind: Kind, path: &str) -> Option<OwnPath> {
    let person = |kind: Kind, name: &str| {
        kind.field(name)
            .filter(|(_, field)| field.kind == FieldKind::Reference(Kind::Membership))
            .map(|(at, _)| at)
    };
    let or_nobody = path.ends_with('?');
    let path = path.strip_suffix('?').unwrap_or(path);
    match path.split_once('.') {
        None => Some(OwnPath { via: None, field: person(kind, path)?, or_nobody }),
        Some((reference, name)) => {
            let (at, field) = kind.field(reference)?;
            let FieldKind::Reference(target) = field.kind else { return None };
            Some(OwnPath { via: Some((at, target)), field: person(target, name)?, or_nobody })
        }
    }
}

fn check_ownership(spec: &ProfileSpec, faults: &mut Faults) {
    for (kind, paths) in &spec.ownership {
        for path in paths.iter().filter(|path| own_path(*kind, path).is_none()) {
            let known = kind.fields().iter().map(|field| field.name.to_owned()).collect();
            faults.add(&format!("ownership.{kind}"), Fault::Unknown { name: path.clone(), known });
        }
    }
}

fn check_fields(spec: &ProfileSpec, faults: &mut Faults) {
    let unique = |name: &&String| find_field(name).is_some_and(|(_, field)| field.unique);
    for name in spec.unique.iter().filter(|name| !unique(name)) {
        faults
            .add("unique", Fault::Unknown { name: name.clone(), known: fields_where(|field| field.unique) });
    }
    for (name, said) in &spec.fields {
        let place = format!("fields.{name}");
        let Some((_, field)) = find_field(name).filter(|(_, field)| field.given) else {
            faults
                .add(&place, Fault::Unknown { name: name.clone(), known: fields_where(|field| field.given) });
            continue;
        };
        if said.max.is_some_and(|max| {
            !matches!(field.kind, FieldKind::Text { max: most, .. } if max <= most && max > 0)
                && !matches!(field.kind, FieldKind::Phone | FieldKind::Email)
        }) {
            faults.add(
                &place,
                Fault::Nonsense("`max` is for text, and must be less than the type allows".to_owned()),
            );
        }
    }
}

fn find_field(name: &str) -> Option<(Kind, &'static crate::describe::Field)> {
    let (kind, field) = name.split_once('.')?;
    let kind: Kind = kind.parse().ok()?;
    kind.field(field).map(|(_, field)| (kind, field))
}

fn fields_where(wanted: fn(&crate::describe::Field) -> bool) -> Vec<String> {
    let fields = Kind::ALL.iter().flat_map(|kind| kind.fields().iter().map(move |field| (kind, field)));
    fields.filter(|(_, field)| wanted(field)).map(|(kind, field)| format!("{kind}.{}", field.name)).collect()
}

fn check_money(spec: &ProfileSpec, faults: &mut Faults) {
    let rule = &spec.money;
    if rule.integer_digits == 0 || rule.decimals > 8 || rule.integer_digits + rule.decimals > 28 {
        faults.add(
            "money",
            Fault::Nonsense("1 or more integer digits, 8 or fewer decimals, 28 digits in all".into()),
        );
    }
    if let Some(Err(problem)) = spec.deals.amount.map(|amount| rule.accept(amount)) {
        faults.add("deals.amount", Fault::Nonsense(problem.to_string()));
    }
    if !spec.currencies.contains(&spec.currency) {
        let known = spec.currencies.iter().map(ToString::to_string).collect();
        faults.add("currency", Fault::Unknown { name: spec.currency.to_string(), known });
    }
}

fn check_deals(spec: &ProfileSpec, faults: &mut Faults) {
    let machine = &spec.deals.status;
    machine.check("deals.status", faults);
    for state in &machine.states {
        check_requirements(
            &format!("deals.status.states.{}", state.name),
            Kind::Deal,
            &state.requires,
            spec,
            faults,
        );
    }
    if spec.deals.coupling == Coupling::StageIsStatus {
        for kind in [DealStatus::Open, DealStatus::Won, DealStatus::Lost] {
            if machine.first_of(kind).is_none() {
                faults.add(
                    "deals.status.states",
                    Fault::Missing(format!("a state of kind {kind:?}").to_lowercase()),
                );
            }
        }
    }
    if spec.deals.coupling != Coupling::Independent && spec.pipelines.is_empty() {
        faults.add(
            "pipelines",
            Fault::Missing("a pipeline for the stages that statuses are tied to".to_owned()),
        );
    }
    for pipeline in &spec.pipelines {
        let place = format!("pipelines.{}", pipeline.name);
        for problem in check_stages(&pipeline.stages, &spec.limits, spec.deals.coupling) {
            faults.add(&place, Fault::Nonsense(problem.to_string()));
        }
        for stage in &pipeline.stages {
            check_requirements(
                &format!("{place}.stages.{}", stage.key),
                Kind::Deal,
                &stage.requires,
                spec,
                faults,
            );
        }
    }
}

fn check_tasks(spec: &ProfileSpec, faults: &mut Faults) {
    let tasks = &spec.tasks;
    tasks.status.check("tasks.status", faults);
    for state in &tasks.status.states {
        check_requirements(
            &format!("tasks.status.states.{}", state.name),
            Kind::Task,
            &state.requires,
            spec,
            faults,
        );
    }
    if tasks.status.meaning(&tasks.status.initial) != Some(TaskStatus::Open) {
        faults.add("tasks.status.initial", Fault::Nonsense("a task must start open".to_owned()));
    }
    if let Some(priority) = tasks.priority.as_ref().filter(|name| !tasks.priorities.contains(name)) {
        faults.unknown("tasks.priority", priority.as_str(), &tasks.priorities);
    }
}

/// A demand must name a field of the kind that somebody can set, and that fits.
fn check_requirements(
    place: &str,
    kind: Kind,
    requires: &[Requirement],
    spec: &ProfileSpec,
    faults: &mut Faults,
) {
    for requirement in requires {
        let name = requirement.field();
        if kind.field(name).is_none() {
            let given = kind.fields().iter().filter(|field| field.given);
            let known = given.map(|field| field.name.to_owned()).collect();
            faults.add(place, Fault::Unknown { name: name.to_owned(), known });
        } else if !satisfiable(spec, kind, requirement) {
            faults.add(place, Fault::Unsatisfiable(name.to_owned()));
        }
    }
}

/// Can a command meet this requirement?
pub(crate) fn satisfiable(spec: &ProfileSpec, kind: Kind, requirement: &Requirement) -> bool {
    let name = requirement.field();
    let Some((_, field)) = kind.field(name) else { return false };
    let unused =
        spec.fields.get(&format!("{kind}.{name}")).is_some_and(|said| said.presence == Presence::Unused);
    let fits = match requirement {
        Requirement::Present(_) => true,
        Requirement::Positive(_) => {
            matches!(field.kind, FieldKind::Decimal | FieldKind::Percent | FieldKind::Whole)
        }
    };
    field.given && fits && !unused
}

fn check_activities(spec: &ProfileSpec, faults: &mut Faults) {
    let kinds: Vec<_> = spec.activities.kinds.iter().map(|kind| kind.name.clone()).collect();
    faults.no_duplicates("activities.kinds", &kinds);
    for kind in &spec.activities.kinds {
        let place = format!("activities.kinds.{}", kind.name);
        for name in kind
            .requires
            .iter()
            .filter(|name| Kind::Activity.field(name).is_none_or(|(_, field)| !field.given))
        {
            let known = Kind::Activity.fields().iter().map(|field| field.name.to_owned()).collect();
            faults.add(&place, Fault::Unknown { name: name.clone(), known });
        }
        check_facts(&place, kind.payload.values(), &["title", "body"], faults);
    }
    for (trigger, template) in &spec.activities.triggers {
        let place = format!("activities.triggers.{}", trigger_name(*trigger));
        match spec.activities.kinds.iter().find(|kind| kind.name == template.kind) {
            None => faults.unknown(&place, template.kind.as_str(), &kinds),
            Some(kind) if kind.written_by == Writer::Import => {
                faults.add(&place, Fault::Nonsense(format!("`{}` is for imports only", kind.name)));
            }
            Some(_) => {}
        }
        let texts = template.title.iter().chain(&template.body).chain(template.payload.values());
        check_facts(&place, texts, trigger.facts(), faults);
    }
}

fn check_modules(spec: &ProfileSpec, faults: &mut Faults) {
    let ProfileSpec {
        leads, marketing, inventory, contracts, attendance, integrations, notifications, ..
    } = spec;
    if let Some(leads) = leads {
        leads.check(spec, faults);
        for state in &leads.stages.states {
            let place = format!("leads.stages.states.{}", state.name);
            check_requirements(&place, Kind::Lead, &state.requires, spec, faults);
        }
    }
    marketing.iter().for_each(|spec| spec.check(faults));
    inventory.iter().for_each(|spec| spec.check(faults));
    contracts.iter().for_each(|spec| spec.check(faults));
    attendance.iter().for_each(|spec| spec.check(faults));
    integrations.iter().for_each(|part| part.check(spec, faults));
    notifications.iter().for_each(|part| part.check(spec, faults));
}

fn trigger_name(trigger: Trigger) -> String {
    serde_json::to_value(trigger).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn check_facts<'a>(
    place: &str,
    texts: impl Iterator<Item = &'a String>,
    known: &[&str],
    faults: &mut Faults,
) {
    let named: BTreeSet<&str> = texts.flat_map(|text| named_facts(text)).collect();
    for name in named.into_iter().filter(|name| !known.contains(name)) {
        let known = known.iter().map(|name| (*name).to_owned()).collect();
        faults.add(place, Fault::UnknownFact { name: name.to_owned(), known });
    }
}

fn check_limits(spec: &ProfileSpec, faults: &mut Faults) {
    let pages = spec.limits.pages.values().chain([&spec.limits.page]);
    if pages.into_iter().any(|page| page.default == 0 || page.default > page.most || page.most > 10_000) {
        faults.add(
            "limits",
            Fault::Nonsense("a page holds 1 to 10000 rows, by default no more than at most".into()),
        );
    }
    if spec.limits.rows_per_command == 0 || spec.limits.stages == 0 {
        faults.add("limits", Fault::Nonsense("a limit of 0 allows nothing".to_owned()));
    }
}

/// Words that no profile chooses.
fn words(names: &[&str]) -> Option<Vec<Word>> {
    names.iter().map(|name| Word::parse(name).ok()).collect()
}

/// The word that a text of a file means in a field: by its label, or as the word itself in any letter case.
pub(crate) fn meant(spec: &ProfileSpec, kind: Kind, field: &str, text: &str) -> Option<Word> {
    let labelled = match (kind, field) {
        (Kind::Unit, "category") => spec.inventory.as_ref().and_then(|spec| spec.category_of(text)).cloned(),
        _ => None,
    };
    let is_word = |word: &Word| normal(word.as_str()) == normal(text);
    labelled.or_else(|| vocabulary(spec, kind, field)?.into_iter().find(is_word))
}

/// The accepted words of a field that has a vocabulary.
pub(crate) fn vocabulary(spec: &ProfileSpec, kind: Kind, field: &str) -> Option<Vec<Word>> {
    match (kind, field) {
        (Kind::Membership, "role") => Some(spec.roles.iter().map(|role| role.name.clone()).collect()),
        (Kind::Contact, "kind") => crate::contact::kinds(),
        (Kind::Deal, "status") => Some(spec.deals.status.names()),
        (Kind::Task, "status") => Some(spec.tasks.status.names()),
        (Kind::Task, "priority") => Some(spec.tasks.priorities.clone()),
        (Kind::Activity, "kind") => {
            Some(spec.activities.kinds.iter().map(|kind| kind.name.clone()).collect())
        }
        (Kind::Lead, "stage") => spec.leads.as_ref().map(|leads| leads.stages.names()),
        (Kind::Lead, "rating") => spec.leads.as_ref().map(|leads| leads.ratings.clone()),
        (Kind::Lead | Kind::Cost, "source") => spec.leads.as_ref().map(|leads| leads.sources.clone()),
        (Kind::Campaign, "platform") => spec.marketing.as_ref().map(|spec| spec.platforms.clone()),
        (Kind::Campaign, "status") => spec.marketing.as_ref().map(|spec| spec.statuses.clone()),
        (Kind::Unit, "category") => spec.inventory.as_ref().map(|spec| spec.categories.clone()),
        (Kind::Contract, "status") => crate::contract::statuses(),
        (Kind::PaymentPlan, "kind") => spec.contracts.as_ref().map(|spec| spec.plans.clone()),
        (Kind::PaymentPlan, "status") => words(&crate::payment::PLAN_STATUSES),
        (Kind::Installment, "status") => words(&crate::payment::installment::LINE_STATUSES),
        (Kind::Payment, "entry") => words(&crate::payment::entry::ENTRIES),
        (Kind::Payment, "method") => spec.contracts.as_ref().map(|spec| spec.methods.clone()),
        (Kind::Expense, "category") => spec.contracts.as_ref().map(|spec| spec.categories.clone()),
        (Kind::Expense, "status") => spec.contracts.as_ref().map(|spec| spec.expenses.names()),
        (Kind::Attendance, "status") => spec.attendance.as_ref().map(|spec| spec.statuses.clone()),
        (Kind::Reference | Kind::Incoming, "system") => {
            spec.integrations.as_ref().map(|spec| spec.systems.clone())
        }
        (Kind::Delivery, "target") => {
            let targets = &spec.integrations.as_ref()?.targets;
            Some(targets.iter().map(|target| target.name.clone()).collect())
        }
        (Kind::Notification, "priority") => crate::notification::priorities(),
        (Kind::Notification, "channel") => spec.notifications.as_ref().map(|spec| spec.channels.clone()),
        _ => None,
    }
}
