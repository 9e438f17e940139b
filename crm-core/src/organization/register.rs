//! Founding an organisation: it, its first member and its pipelines, in one commit.
//!
//! Invariant: there is never an organisation without somebody who can run it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Organization, OrganizationEdits};
use crate::command::{Command, create, update};
use crate::describe::{Id, Key};
use crate::draft::{Draft, Halt};
use crate::membership::{Membership, MembershipEdits};
use crate::pipeline::{Pipeline, PipelineEdits};
use crate::value::{OrganizationId, Patch, UserId};

/// Founds an organisation. It is given to [`Crm::register`](crate::Crm::register), because nobody can act in an
/// organisation before it is there.
#[derive(Clone, Serialize, Deserialize)]
pub struct RegisterOrganization {
    /// Its id.
    pub id: OrganizationId,
    /// Its first member, who gets the profile's founder role.
    pub founder: UserId,
    /// Its name and settings.
    #[serde(flatten)]
    pub fields: OrganizationEdits,
}

impl fmt::Debug for RegisterOrganization {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RegisterOrganization({})", self.id)
    }
}

/// What founding an organisation made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The organisation.
    pub organization: Arc<Organization>,
    /// The founder's membership.
    pub membership: Arc<Membership>,
    /// The pipelines that the profile gives to every new organisation.
    pub pipelines: Vec<Arc<Pipeline>>,
}

impl Command for RegisterOrganization {
    type Output = Registered;

    fn name(&self) -> &'static str {
        "register_organization"
    }

    fn target(&self) -> Option<Key> {
        Some(self.id.key())
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Registered, Halt> {
        let profile = tx.profile();
        create::<Organization>(tx, self.id, &self.fields)?;
        let seat =
            MembershipEdits { role: Patch::Set(profile.spec().founder.to_string()), ..Default::default() };
        let membership = create::<Membership>(tx, self.founder, &seat)?;
        let mut pipelines = Vec::new();
        for seed in &profile.spec().pipelines {
            let id = tx.next_id()?;
            let edits = PipelineEdits {
                name: Patch::Set(seed.name.to_string()),
                stages: Patch::Set(seed.stages.clone()),
            };
            pipelines.push(create::<Pipeline>(tx, id, &edits)?);
        }
        let default = pipelines.first().map(|pipeline| pipeline.id);
        let organization = update::<Organization>(
            tx,
            self.id,
            &OrganizationEdits { default_pipeline: default.into(), ..Default::default() },
        )?;
        Ok(Registered { organization, membership, pipelines })
    }
}
