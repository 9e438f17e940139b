//! Typed ids: a UUID that knows which entity it names.
//!
//! Two ids of different kinds are different types, so swapping them is a compile error and not a wrong row.
//!
//! Invariant: the text form is the hyphenated lower-case UUID; any common spelling is read.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Problem;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID of this id.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = Problem;

            fn from_str(text: &str) -> Result<Self, Problem> {
                Uuid::try_parse(text.trim()).map(Self).map_err(|_| Problem::malformed("a UUID"))
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// Names an organisation: the owner of everything else.
    OrganizationId
    /// Names a person who signs in.
    UserId
    /// Names a contact.
    ContactId
    /// Names a pipeline.
    PipelineId
    /// Names a deal.
    ///
    /// ```
    /// use crm_core::value::DealId;
    ///
    /// let id: DealId = "67E55044-10B1-426F-9247-BB680E5FE0C8".parse()?;
    /// assert_eq!(id.to_string(), "67e55044-10b1-426f-9247-bb680e5fe0c8");
    /// assert_eq!(format!("{id:?}"), "DealId(67e55044-10b1-426f-9247-bb680e5fe0c8)");
    /// # Ok::<(), crm_core::value::Problem>(())
    /// ```
    ///
    /// An id of a contact is no id of a deal:
    ///
    /// ```compile_fail,E0308
    /// use crm_core::value::{ContactId, DealId, Uuid};
    ///
    /// fn close(_: DealId) {}
    /// close(ContactId::from_uuid(Uuid::nil()));
    /// ```
    DealId
    /// Names a task.
    TaskId
    /// Names an entry of a timeline.
    ActivityId
    /// Names a campaign.
    CampaignId
    /// Names a cost entry.
    CostId
    /// Names a complex.
    ComplexId
    /// Names a unit.
    UnitId
    /// Names a price.
    PriceId
    /// Names a lead.
    LeadId
    /// Names a hold.
    HoldId
    /// Names a buyer.
    BuyerId
    /// Names a contract.
    ContractId
    /// Names a payment plan.
    PaymentPlanId
    /// Names a line of a payment plan.
    InstallmentId
    /// Names a payment.
    PaymentId
    /// Names what of a payment went to a line.
    AllocationId
    /// Names an expense.
    ExpenseId
    /// Names a counter.
    CounterId
    /// Names a member's day at work.
    AttendanceId
    /// Names what another system calls a record.
    ReferenceId
    /// Names an event from another system.
    IncomingId
    /// Names a system that deliveries go to.
    TargetId
    /// Names something to tell another system.
    DeliveryId
    /// Names something that somebody is to be told.
    NotificationId
    /// Names one execution of a command: sent again, it is recognised by this id.
    CommandId
    /// Names an event in the outbox.
    EventId
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYPHENATED: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

    #[test]
    fn any_common_spelling_is_read() {
        let id: TaskId = HYPHENATED.parse().unwrap();
        for spelling in [
            "67E55044-10B1-426F-9247-BB680E5FE0C8",
            "67e5504410b1426f9247bb680e5fe0c8",
            "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
            "urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8",
            "  67e55044-10b1-426f-9247-bb680e5fe0c8\n",
        ] {
            assert_eq!(spelling.parse(), Ok(id), "{spelling}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "1", "67e55044-10b1-426f-9247", "67e55044-10b1-426f-9247-bb680e5fe0cg"] {
            assert_eq!(text.parse::<TaskId>(), Err(Problem::malformed("a UUID")), "{text}");
        }
    }

    #[test]
    fn json_is_the_text() {
        let id: EventId = HYPHENATED.parse().unwrap();
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{HYPHENATED}\""));
        assert_eq!(serde_json::from_str::<EventId>(&json).unwrap(), id);
        assert_eq!(EventId::from(Uuid::from(id)), id);
    }
}
