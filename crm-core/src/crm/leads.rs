//! Reading what is known of somebody who asks again.
//!
//! Invariant: only leads that the actor sees are told.

use super::Session;
use crate::describe::Kind;
use crate::draft::ReadSet;
use crate::error::{Error, FieldProblem};
use crate::lead::{LeadMatch, visible_matches};
use crate::value::{Email, Phone};

impl Session<'_> {
    /// The live leads with this telephone number or this e-mail address that the actor sees, the oldest first, each with
    /// what it has in common. Spellings of one number are one number, as the profile says.
    ///
    /// # Errors
    /// The address is none, the actor may see no leads, or the store failed.
    pub async fn lead_matches(
        &self,
        phone: Option<&str>,
        email: Option<&str>,
    ) -> Result<Vec<LeadMatch>, Error> {
        let wrong =
            |field: &'static str| move |problem| Error::Invalid(vec![FieldProblem::new(field, problem)]);
        let phone = phone.map(Phone::parse).transpose().map_err(wrong("phone"))?;
        let email = email.map(Email::parse).transpose().map_err(wrong("email"))?;
        self.read(ReadSet::new(), |tx| {
            tx.visible(Kind::Lead)?;
            visible_matches(tx, phone.as_ref(), email.as_ref())
        })
        .await
    }
}
