//! A part of a command that may be refused by itself: what a savepoint is to a database.
//!
//! Invariant: a part that was refused leaves nothing that it wrote, claimed or told of. What it looked at stays looked at,
//! because the refusal rests on it.

use super::{Draft, Expect, Halt};
use crate::error::{Class, Error};

impl Draft<'_> {
    /// Tries a part of a decision. The inner error is its refusal, after which the draft is as if it had not been tried.
    ///
    /// # Errors
    /// Facts are missing, a limit of the whole command was reached, or something failed that is no refusal.
    pub(crate) fn attempt<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, Halt>,
    ) -> Result<Result<T, Error>, Halt> {
        let (pending, claims, heard) = (self.pending.clone(), self.claims.clone(), self.heard.clone());
        let (expect, events) = (self.expect.clone(), self.events.len());
        match part(self) {
            Ok(done) => Ok(Ok(done)),
            Err(Halt::Reject(error)) if is_refusal(&error) => {
                self.pending = pending;
                self.claims = claims;
                self.heard = heard;
                self.events.truncate(events);
                // That a new record is not there yet was not read: it was to be written.
                self.expect.retain(|key, what| expect.contains_key(key) || *what != Expect::Absent);
                Ok(Err(error))
            }
            Err(halt) => Err(halt),
        }
    }
}

/// Was it the part that was refused, and not the whole command that cannot go on?
fn is_refusal(error: &Error) -> bool {
    match error.class() {
        Class::Invalid | Class::Forbidden | Class::NotFound | Class::Conflict | Class::Rule => true,
        Class::Limit | Class::Unavailable | Class::Internal => false,
    }
}
