//! Several commands as one.
//!
//! Invariant: a batch is one commit: all of its commands, or none; a refusal names the place of the refused one.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Command;
use crate::draft::{Draft, Halt, ReadSet, for_each};
use crate::error::Error;

/// Several commands that are applied together or not at all. Each sees what those before it wrote.
#[derive(Debug, Default)]
pub struct Batch {
    commands: Vec<Box<dyn AnyCommand>>,
}

impl Batch {
    /// With nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more command.
    #[must_use]
    pub fn then(mut self, command: impl Command + 'static) -> Self {
        self.commands.push(Box::new(command));
        self
    }
}

/// A command of any type, whose answer is JSON.
pub trait AnyCommand: fmt::Debug + Send + Sync {
    /// As [`Command::hints`].
    fn any_hints(&self) -> ReadSet;
    /// The command's name and content, for the digest of a request.
    fn any_json(&self) -> serde_json::Value;
    /// As [`Command::decide`], with the answer as JSON.
    ///
    /// # Errors
    /// As [`Command::decide`].
    fn any_decide(&self, tx: &mut Draft<'_>) -> Result<serde_json::Value, Halt>;
}

impl<C: Command> AnyCommand for C {
    fn any_hints(&self) -> ReadSet {
        self.hints()
    }

    fn any_json(&self) -> serde_json::Value {
        serde_json::json!({ "command": self.name(), "with": serde_json::to_value(self).unwrap_or_default() })
    }

    fn any_decide(&self, tx: &mut Draft<'_>) -> Result<serde_json::Value, Halt> {
        let answer = self.decide(tx)?;
        serde_json::to_value(&answer).map_err(|error| Error::Internal(error.to_string()).into())
    }
}

impl Serialize for Batch {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.commands.iter().map(|command| command.any_json()))
    }
}

impl Command for Batch {
    type Output = Vec<serde_json::Value>;

    fn name(&self) -> &'static str {
        "batch"
    }

    fn hints(&self) -> ReadSet {
        let mut want = ReadSet::new();
        for command in &self.commands {
            want.extend(command.any_hints());
        }
        want
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Vec<serde_json::Value>, Halt> {
        for_each(self.commands.iter().enumerate(), |(at, command)| {
            command.any_decide(tx).map_err(|halt| match halt {
                Halt::Reject(source) => Halt::Reject(Error::InBatch { at, source: Box::new(source) }),
                need @ Halt::Need(_) => need,
            })
        })
    }
}
