//! The commands by their names.
//!
//! Invariant: a batch is its commands in turn, for the actor who was let in at its start.

use crm_core::Stage;
use crm_core::describe::{Key, Kind, Percent, Value};
use crm_core::profile::Requirement;
use crm_core::value::{Line, Uuid, Word};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Document};

use super::scene::{Codes, Judged, Scene, refuse, unless};
use super::shape::{self, read, uuid};
use super::world::Row;

/// The verb and the kind of a command that every kind of record has.
pub(super) fn subject(command: &str) -> Option<(&str, Kind)> {
    let (verb, noun) = command.split_once('_')?;
    let kind = if noun == "member" { Kind::Membership } else { noun.parse().ok()? };
    let common = matches!(verb, "create" | "update" | "delete" | "restore" | "register");
    common.then_some((verb, kind))
}

fn id_in(document: &Document, name: &str) -> Option<Uuid> {
    document.get(name).and_then(uuid)
}

/// The record that a command is about, whose version a caller may expect.
pub(super) fn target(command: &str, document: &Document) -> Option<Key> {
    let key = |kind, name| id_in(document, name).map(|id| Key { kind, id });
    match command {
        "import" | "batch" | "leave_organization" => None,
        "remove_member" => key(Kind::Membership, "id"),
        "add_stage" | "edit_stage" | "reorder_stages" | "remove_stage" => key(Kind::Pipeline, "pipeline"),
        "complete_task" | "reopen_task" => key(Kind::Task, "id"),
        _ => key(subject(command).map_or(Kind::Deal, |(_, kind)| kind), "id"),
    }
}

/// A part of a command that was found to parse.
fn part<T: DeserializeOwned>(document: &Document, name: &str) -> Option<T> {
    document.get(name).and_then(|sent| serde_json::from_value(sent.clone()).ok())
}

impl Scene<'_> {
    /// Does a command whose body parses.
    pub(super) fn run(&mut self, command: &str, document: &Document) -> Judged<()> {
        if let Some((verb, kind)) = subject(command) {
            let id = id_in(document, "id");
            let key = Key { kind, id: id.unwrap_or_default() };
            return match verb {
                "create" | "register" => {
                    let given = read(self.spec, kind, document)?;
                    self.create(kind, id, &given)
                }
                "update" => {
                    let given = read(self.spec, kind, document)?;
                    self.update(key, &given)
                }
                "delete" => self.delete(key),
                _ => self.restore(key),
            };
        }
        let Some(key) = target(command, document) else { return self.run_at_large(command, document) };
        match (key.kind, command) {
            (Kind::Membership, _) => self.remove_member(key, id_in(document, "successor")),
            (Kind::Pipeline, _) => self.change_stages(command, key, document),
            (Kind::Task, _) => {
                let task = self.find(key)?;
                let given = self.task_verb(command, &task)?;
                self.update(key, &given)
            }
            _ => self.change_deal(command, key, document),
        }
    }

    /// A command that is about no single record.
    fn run_at_large(&mut self, command: &str, document: &Document) -> Judged<()> {
        match command {
            "leave_organization" => self.leave(id_in(document, "successor")),
            "import" => self.import(document),
            _ => {
                for one in document.get("commands").and_then(Document::as_array).into_iter().flatten() {
                    if self.lost {
                        return Ok(());
                    }
                    let name = one.get("command").and_then(Document::as_str).unwrap_or_default();
                    self.run(name, one.get("with").unwrap_or(&Document::Null))?;
                    // After that there is nobody to ask, and not every command asks.
                    self.lost |= self.live(self.home).is_none();
                }
                Ok(())
            }
        }
    }

    /// Which rows an import takes is not foretold; only that it never touches one that is there.
    fn import(&mut self, document: &Document) -> Judged<()> {
        self.demand("import.run", None)?;
        let rows = document.get("rows").and_then(Document::as_array).cloned().unwrap_or_default();
        if rows.len() > self.spec.limits.rows_per_command as usize {
            self.doubts.insert("limit");
        }
        for row in rows {
            let kind = row.get("record").and_then(Document::as_str).and_then(|name| name.parse().ok());
            let id = row.get("id").and_then(Document::as_str).and_then(|id| Uuid::parse_str(id.trim()).ok());
            let key = kind.zip(id).map(|(kind, id)| Key { kind, id });
            self.maybe.extend(key.filter(|key| self.row(*key).is_none()));
        }
        self.lost = true;
        Ok(())
    }

    /// A verb of a deal is a change of some of its fields.
    fn change_deal(&mut self, command: &str, key: Key, document: &Document) -> Judged<()> {
        let names: &[(&str, &str)] = match command {
            "move_deal" => &[("stage", "stage"), ("pipeline", "pipeline")],
            "transition_deal" | "reopen_deal" => &[("status", "status")],
            _ => &[("reason", "lost_reason")],
        };
        let said = names.iter().filter_map(|(from, to)| {
            let sent = document.get(*from).filter(|sent| !sent.is_null())?;
            Some(((*to).to_owned(), sent.clone()))
        });
        let fields: Map<_, _> = said.collect();
        // What names no stage and no status is a verb that the profile gives its status.
        let names_it = fields.contains_key("stage") || fields.contains_key("status");
        let named = if names_it { Ok(shape::Given::new()) } else { self.deal_verb(command, key) };
        let sent = read(self.spec, Kind::Deal, &Document::Object(fields));
        let mut given = named?;
        given.extend(sent?);
        self.update(key, &given)
    }

    fn change_stages(&mut self, command: &str, key: Key, document: &Document) -> Judged<()> {
        let pipeline = self.find(key)?;
        // Whether a stage is there is told before or after the permission: the documents do not say which.
        let mut broken: Codes = self.allow("pipeline.manage", Some(&pipeline)).into_iter().collect();
        let stages = edited(command, &pipeline, document);
        if stages.is_none() {
            broken.insert("invalid");
        }
        unless(broken)?;
        let Some(stages) = stages else { return refuse("invalid") };
        if let (Some(from), Some(to)) =
            (part::<Word>(document, "stage"), part::<Word>(document, "move_deals_to"))
        {
            for mut deal in self.pointing(Kind::Deal, "pipeline", key.id) {
                if command == "remove_stage" && deal.text("stage") == Some(from.as_str()) {
                    deal.set("stage", Value::text(to.as_str()));
                    self.write(deal)?;
                }
            }
        }
        let mut after = pipeline;
        after.set_stages(&stages);
        let given = shape::Given::from([("stages", after.get("stages").clone())]);
        self.update(key, &given)
    }
}

/// The stages as a command would have them; nothing where it names a stage that is not there.
fn edited(command: &str, pipeline: &Row, document: &Document) -> Option<Vec<Stage>> {
    let mut stages = pipeline.stages();
    let place = |stages: &[Stage], name: &str| {
        let key: Word = part(document, name)?;
        stages.iter().position(|stage| stage.key == key)
    };
    match command {
        "add_stage" => {
            let before = document.get("before").filter(|before| !before.is_null());
            let at = if before.is_some() { place(&stages, "before")? } else { stages.len() };
            stages.insert(at, part(document, "stage")?);
        }
        "edit_stage" => {
            let at = place(&stages, "stage")?;
            edit(stages.get_mut(at)?, document);
        }
        "reorder_stages" => {
            let order: Vec<Word> = part(document, "order")?;
            let found: Option<Vec<Stage>> =
                order.iter().map(|key| stages.iter().find(|stage| stage.key == *key).cloned()).collect();
            stages = found.filter(|found| found.len() == stages.len())?;
        }
        _ => {
            let gone = stages.remove(place(&stages, "stage")?);
            for stage in &mut stages {
                stage.to = stage.to.take().map(|to| to.into_iter().filter(|key| *key != gone.key).collect());
            }
            if document.get("move_deals_to").is_some_and(|to| !to.is_null()) {
                place(&stages, "move_deals_to")?;
            }
        }
    }
    Some(stages)
}

/// What was sent of a stage replaces what it was; `null` empties it.
fn edit(stage: &mut Stage, document: &Document) {
    let sent = |name: &str| document.get(name).is_some();
    if sent("label") {
        stage.label = part::<Line>(document, "label");
    }
    if sent("probability") {
        stage.probability = part::<Percent>(document, "probability").unwrap_or_default();
    }
    if sent("requires") {
        stage.requires = part::<Vec<Requirement>>(document, "requires").unwrap_or_default();
    }
    if sent("to") {
        stage.to = part::<Vec<Word>>(document, "to");
    }
}
