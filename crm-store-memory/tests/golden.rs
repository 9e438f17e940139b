//! The presets as tables that a person can read, one file each in `golden/`.
//!
//! A change of a preset shows as a change of its file. `CRM_BLESS=1` writes the files anew, to be read before they are
//! committed.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::fmt::Write as _;
use std::path::PathBuf;

use crm_core::Profile;
use crm_core::access::{Action, Scope, Standing};
use crm_core::describe::{FieldKind, Kind};
use crm_core::profile::{MachineSpec, Meaning, Module, PRESETS, Presence, Same};
use crm_core::value::Word;

#[test]
fn every_preset_is_as_its_golden_file_says() {
    for preset in PRESETS {
        let shown = show(&Profile::preset(preset).unwrap());
        let path =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{preset}.md"));
        if std::env::var_os("CRM_BLESS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &shown).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == shown, "{preset} differs from {}; CRM_BLESS=1 writes it anew", path.display());
    }
}

fn show(profile: &Profile) -> String {
    let spec = profile.spec();
    let mut out = format!("# Preset `{}`\n", spec.name);
    roles(&mut out, profile);
    machine(&mut out, "Deal status", &spec.deals.status);
    machine(&mut out, "Task status", &spec.tasks.status);
    stages(&mut out, profile);
    timeline(&mut out, profile);
    fields(&mut out, profile);
    answers(&mut out, profile);
    out
}

fn table<R: AsRef<[String]>>(
    out: &mut String,
    title: &str,
    head: &[String],
    rows: impl IntoIterator<Item = R>,
) {
    writeln!(out, "\n## {title}\n\n| {} |", head.join(" | ")).unwrap();
    writeln!(out, "|{}", "---|".repeat(head.len())).unwrap();
    for row in rows {
        writeln!(out, "| {} |", row.as_ref().join(" | ")).unwrap();
    }
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn scope(scope: Scope) -> String {
    if scope == Scope::None { "–".to_owned() } else { scope.to_string() }
}

fn roles(out: &mut String, profile: &Profile) {
    let names: Vec<String> = profile.role_names().map(ToString::to_string).collect();
    let standings: Vec<Standing> = (0..names.len())
        .map(Standing::Member)
        .chain([Standing::Agent(0), Standing::System, Standing::Anonymous, Standing::Unknown])
        .collect();
    let others = row(&["agent of the first", "system", "anonymous", "unknown role"]);
    let head = [row(&["action"]), names.clone(), others].concat();
    let is_on = |module: Option<Module>| module.is_none_or(|module| module.is_on(profile.spec()));
    let rows = Action::ALL.iter().filter(|action| is_on(action.module())).map(|action| {
        let cells = standings.iter().map(|standing| scope(profile.scope(*standing, *action)));
        [vec![action.to_string()], cells.collect()].concat()
    });
    table(out, "Who may do what", &head, rows);
    let listed = |words: &[Word]| {
        if words.is_empty() {
            "–".to_owned()
        } else {
            words.iter().map(Word::as_str).collect::<Vec<_>>().join(", ")
        }
    };
    let reach = profile.spec().roles.iter().map(|role| {
        vec![role.name.to_string(), listed(&role.adds), listed(&role.changes), listed(&role.removes)]
    });
    table(out, "On members of which roles", &row(&["role", "adds", "changes", "removes"]), reach);
    let own = profile.spec().ownership.iter().map(|(kind, paths)| vec![kind.to_string(), paths.join(" or ")]);
    table(out, "What makes a row one's own", &row(&["row", "field"]), own);
    writeln!(out, "\nFounder, and always held by somebody: `{}`.", profile.spec().founder).unwrap();
}

fn machine<M: Meaning>(out: &mut String, title: &str, machine: &MachineSpec<M>) {
    let names: Vec<String> = machine.states.iter().map(|state| state.name.to_string()).collect();
    let head = [row(&["from \\ to"]), names, row(&["meaning", "demands"])].concat();
    let rows = machine.states.iter().map(|from| {
        let cells = machine.states.iter().map(|to| match machine.judge(Kind::Deal, &from.name, &to.name) {
            Ok(true) if to.requires.is_empty() => "yes".to_owned(),
            Ok(true) => "yes, guarded".to_owned(),
            Ok(false) => "no-op".to_owned(),
            Err(_) => "no".to_owned(),
        });
        let demands: Vec<_> = from.requires.iter().map(ToString::to_string).collect();
        let meaning = format!("{:?}", from.kind).to_lowercase();
        [vec![from.name.to_string()], cells.collect(), vec![meaning, demands.join(", ")]].concat()
    });
    table(out, title, &head, rows);
    let same = if machine.same == Same::NoOp { "does nothing" } else { "is refused" };
    writeln!(out, "\nStarts as `{}`; moving to the present state {same}.", machine.initial).unwrap();
}

fn stages(out: &mut String, profile: &Profile) {
    let spec = profile.spec();
    for pipeline in &spec.pipelines {
        let rows = pipeline.stages.iter().map(|stage| {
            let to = stage.to.as_ref().map_or("anywhere".to_owned(), |to| {
                if to.is_empty() {
                    "nowhere".to_owned()
                } else {
                    to.iter().map(Word::as_str).collect::<Vec<_>>().join(", ")
                }
            });
            let demands: Vec<_> = stage.requires.iter().map(ToString::to_string).collect();
            let kind = format!("{:?}", stage.kind).to_lowercase();
            vec![
                stage.key.to_string(),
                kind,
                format!("{} %", stage.probability.get()),
                demands.join(", "),
                to,
            ]
        });
        let title = format!("Pipeline \"{}\"", pipeline.name);
        table(out, &title, &row(&["stage", "kind", "probability", "demands", "from here to"]), rows);
    }
    let coupling = serde_json::to_value(spec.deals.coupling).unwrap();
    let start = if spec.deals.stage_at_creation { "is taken" } else { "is ignored" };
    writeln!(out, "\nCoupling of status and stage: {coupling}. A stage given at creation {start}.").unwrap();
}

fn timeline(out: &mut String, profile: &Profile) {
    let activities = &profile.spec().activities;
    let kinds = activities.kinds.iter().map(|kind| {
        let by = serde_json::to_value(kind.written_by).unwrap();
        let needs: Vec<_> = kind.requires.iter().cloned().collect();
        vec![kind.name.to_string(), by.as_str().unwrap().to_owned(), needs.join(", ")]
    });
    table(out, "Kinds of timeline entry", &row(&["kind", "written by", "needs"]), kinds);
    let triggers = activities.triggers.iter().map(|(trigger, template)| {
        let name = serde_json::to_value(trigger).unwrap();
        let text = [template.title.as_deref(), template.body.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" / ");
        let payload = serde_json::to_string(&template.payload).unwrap();
        let author = if template.authored { "caller" } else { "nobody" };
        row(&[name.as_str().unwrap(), template.kind.as_str(), author, &text, &format!("`{payload}`")])
    });
    table(out, "Written by itself", &row(&["event", "kind", "author", "text", "payload"]), triggers);
}

fn fields(out: &mut String, profile: &Profile) {
    let is_on = |kind: &&Kind| kind.module().is_none_or(|module| module.is_on(profile.spec()));
    let rows = Kind::ALL.iter().filter(is_on).flat_map(|kind| {
        let described = kind.fields().iter().zip(profile.field_rules(*kind)).filter(|(field, _)| field.given);
        described.map(move |(field, rule)| {
            let presence = match rule.presence {
                Presence::Unused => "unused",
                Presence::Required => "required",
                Presence::Optional if field.required => "always there",
                Presence::Optional => "optional",
            };
            let max = match (rule.max, field.kind) {
                (Some(max), _) | (None, FieldKind::Text { max, .. }) => max.to_string(),
                _ => String::new(),
            };
            let unique = if profile.is_unique(*kind, field.name) { "unique" } else { "" };
            row(&[&format!("{kind}.{}", field.name), presence, &max, unique])
        })
    });
    table(
        out,
        "Fields that callers set",
        &row(&["field", "presence", "most characters", ""]),
        rows.collect::<Vec<_>>(),
    );
    let spec = profile.spec();
    let codes: Vec<_> = spec.currencies.iter().map(ToString::to_string).collect();
    writeln!(
        out,
        "\nAmounts: {}; more digits: {:?}. Currencies: {}.",
        spec.money.describe(),
        spec.money.excess,
        codes.join(", ")
    )
    .unwrap();
}

fn answers(out: &mut String, profile: &Profile) {
    let rows = profile
        .spec()
        .answers
        .iter()
        .map(|(code, answer)| vec![code.clone(), answer.code.clone(), answer.status.to_string()]);
    table(out, "What errors are shown as", &row(&["error", "code", "status"]), rows);
}
