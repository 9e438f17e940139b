//! The verbs of a deal. Each says one thing that a whole patch could say too, and takes the same way.
//!
//! Invariant: none of these decides anything; they name a change, and [`update`] judges it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Deal, DealEdits};
use crate::command::{Command, ruled, update};
use crate::describe::{Id, Key};
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::Rule;
use crate::profile::DealStatus;
use crate::value::{DealId, Patch, PipelineId};

/// A verb: which deal, what must be said, what may be said, and the change that it names.
macro_rules! deal_command {
    (
        $(#[doc = $doc:literal])*
        $command:ident = $name:literal
        must { $($(#[doc = $mdoc:literal])* $must:ident,)* }
        may { $($(#[doc = $odoc:literal])* $may:ident: $ty:ty,)* }
        |$this:ident, $tx:ident| $edits:block
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $command {
            /// Which deal.
            pub id: DealId,
            $($(#[doc = $mdoc])* pub $must: String,)*
            $($(#[doc = $odoc])* pub $may: Option<$ty>,)*
        }

        impl $command {
            /// Of this deal.
            #[must_use]
            pub fn of(id: DealId, $($must: impl Into<String>)*) -> Self {
                Self { id, $($must: $must.into(),)* $($may: None,)* }
            }

            $(
                $(#[doc = $odoc])*
                #[must_use]
                pub fn $may(mut self, $may: impl Into<$ty>) -> Self {
                    self.$may = Some($may.into());
                    self
                }
            )*
        }

        impl Command for $command {
            type Output = Arc<Deal>;

            fn name(&self) -> &'static str {
                $name
            }

            fn target(&self) -> Option<Key> {
                Some(self.id.key())
            }

            fn hints(&self) -> ReadSet {
                ruled::<Deal>(self.id)
            }

            fn decide(&self, $tx: &mut Draft<'_>) -> Result<Arc<Deal>, Halt> {
                let $this = self;
                let edits = $edits;
                update::<Deal>($tx, self.id, &edits)
            }
        }
    };
}

deal_command! {
    /// Wins a deal.
    WinDeal = "win_deal"
    must {}
    may {}
    |_this, tx| { to_status(tx, DealStatus::Won)? }
}

deal_command! {
    /// Loses a deal.
    LoseDeal = "lose_deal"
    must {}
    may {
        /// Why.
        reason: String,
    }
    |this, tx| {
        let lost_reason = this.reason.clone().map_or(Patch::Keep, Patch::Set);
        DealEdits { lost_reason, ..to_status(tx, DealStatus::Lost)? }
    }
}

deal_command! {
    /// Takes a deal out of a status that had ended it.
    ReopenDeal = "reopen_deal"
    must {}
    may {
        /// To which status; to the first open one that it can reach when empty.
        status: String,
    }
    |this, tx| {
        match &this.status {
            Some(status) => DealEdits { status: Patch::Set(status.clone()), ..DealEdits::default() },
            None => reopened(tx, this.id)?,
        }
    }
}

deal_command! {
    /// Files a deal away. Whether it was won or lost is kept.
    ArchiveDeal = "archive_deal"
    must {}
    may {}
    |_this, tx| { to_status(tx, DealStatus::Archived)? }
}

deal_command! {
    /// Changes a deal's status to one of the profile's.
    TransitionDeal = "transition_deal"
    must {
        /// The new status.
        status,
    }
    may {}
    |this, _tx| { DealEdits { status: Patch::Set(this.status.clone()), ..DealEdits::default() } }
}

deal_command! {
    /// Moves a deal to another stage, of its own pipeline or of another.
    MoveDeal = "move_deal"
    must {
        /// The new stage.
        stage,
    }
    may {
        /// Another pipeline.
        pipeline: PipelineId,
    }
    |this, _tx| {
        let pipeline = this.pipeline.map_or(Patch::Keep, Patch::Set);
        DealEdits { stage: Patch::Set(this.stage.clone()), pipeline, ..DealEdits::default() }
    }
}

fn to_status(tx: &Draft<'_>, kind: DealStatus) -> Result<DealEdits, Rule> {
    let state = tx.profile().spec().deals.status.first_of(kind);
    let state = state.ok_or_else(|| {
        let what = format!("{kind:?}").to_lowercase();
        Rule::other("no_such_status", format!("deals have no status that means {what} here"))
    })?;
    Ok(DealEdits { status: Patch::Set(state.name.to_string()), ..DealEdits::default() })
}

fn reopened(tx: &mut Draft<'_>, id: DealId) -> Result<DealEdits, Halt> {
    let deal = tx.get(id)?;
    let machine = &tx.profile().spec().deals.status;
    let open =
        machine.targets(&deal.status).into_iter().find(|to| machine.meaning(to) == Some(DealStatus::Open));
    match open {
        Some(status) => Ok(DealEdits { status: Patch::Set(status.to_string()), ..DealEdits::default() }),
        None => Ok(to_status(tx, DealStatus::Open)?),
    }
}
