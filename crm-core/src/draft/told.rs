//! What a command's writes and events mean to others: deliveries to other systems, and notifications.
//!
//! It is made in one place, when a command is done, from all that the command wrote and told, and becomes part of the same
//! commit. Where a profile has neither targets nor rules, nothing is done here.
//!
//! Invariant: what is told of is told in the commit in which it happened, or not at all; what tells others is itself told
//! to nobody.

use super::{Draft, Halt, Permit, for_each};
use crate::describe::{Key, Record};
use crate::ledger::{Change, differences};
use crate::profile::Module;
use crate::value::Word;
use crate::{integration, notification};

/// Something that this command did, as others may be told.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    /// Its name, as an event has it.
    pub(crate) name: String,
    /// The record, as the command leaves it.
    pub(crate) subject: Record,
    /// Facts without personal data.
    pub(crate) data: serde_json::Value,
    /// Which system told us.
    pub(crate) heard_from: Option<Word>,
}

impl Happening {
    /// The names of the fields that changed.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let names = self.data.get("fields").and_then(serde_json::Value::as_array);
        names.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
    }
}

impl Draft<'_> {
    /// Notes that a change of this record comes from another system, which need not be told of it.
    pub(crate) fn hear(&mut self, of: Key, from: &Word) {
        self.heard.insert(of, from.clone());
    }

    /// Writes what others are to be told of all that this draft did.
    pub(super) fn tell(&mut self) -> Result<(), Halt> {
        let spec = self.profile().spec();
        let targets = spec.integrations.as_ref().is_some_and(|part| !part.targets.is_empty());
        let rules = spec.notifications.as_ref().is_some_and(|part| !part.rules.is_empty());
        // An import brings in what was: nobody is told of that now.
        let Some(permit) = self.granted.filter(|_| (targets || rules) && self.context.command != "import")
        else {
            return Ok(());
        };
        for_each(&self.happenings(), |happening| self.tell_of(&permit, happening)).map(|_| ())
    }

    fn tell_of(&mut self, permit: &Permit, happening: &Happening) -> Result<(), Halt> {
        integration::deliver(self, permit, happening)?;
        notification::notify(self, permit, happening)
    }

    /// All that this draft did, in the order in which it is told.
    fn happenings(&self) -> Vec<Happening> {
        let written = self.pending.values().map(|pending| {
            let (before, after) = (pending.before.as_ref(), &pending.after);
            let fields: Vec<_> = differences(before, after).into_iter().map(|it| it.field).collect();
            let name = format!("{}.{}", after.kind(), Change::between(before, after).name());
            (name, after.clone(), serde_json::json!({ "fields": fields }))
        });
        let emitted = self.events.iter().filter_map(|event| {
            let subject = self.look(event.subject).ok().flatten()?;
            Some((event.name.clone(), subject, event.data.clone()))
        });
        let tells = |record: &Record| {
            matches!(record.kind().module(), Some(Module::Integrations | Module::Notifications))
        };
        let all = written.chain(emitted).filter(|(_, subject, _)| !tells(subject));
        all.map(|(name, subject, data)| {
            let heard_from = self.heard.get(&subject.key()).cloned();
            Happening { name, subject, data, heard_from }
        })
        .collect()
    }
}
