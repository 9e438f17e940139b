//! The vocabulary: small value types that every entity, command and report is written in.
//!
//! A value is checked once, where it enters, and cannot be built wrong afterwards; so no later code checks
//! it again. Each one has a single text form, used by JSON, by SQL and in messages alike.
//!
//! Invariant: every value survives JSON unchanged, and nothing in this module panics, whatever it is given.

mod calling_codes;
mod currency;
mod date;
mod deadline;
mod decimal;
mod email;
mod id;
mod instant;
mod money;
mod normal;
mod patch;
mod phone;
mod phone_policy;
mod problem;
mod text;
mod wire;
mod word;
mod zone;

pub use chrono::TimeDelta;
pub use uuid::Uuid;

pub use currency::Currency;
pub use date::Date;
pub use deadline::Deadline;
pub use decimal::{Decimal, Number, parse_money_text};
pub(crate) use decimal::{exact, rounded_product};
pub use email::Email;
pub use id::{
    ActivityId, AllocationId, AttendanceId, BuyerId, CampaignId, CommandId, ComplexId, ContactId, ContractId,
    CostId, CounterId, DealId, DeliveryId, EventId, ExpenseId, HoldId, IncomingId, InstallmentId, LeadId,
    NotificationId, OrganizationId, PaymentId, PaymentPlanId, PipelineId, PriceId, ReferenceId, TargetId,
    TaskId, UnitId, UserId,
};
pub use instant::{Instant, Precision};
pub use money::Money;
pub use normal::{normal, phone_digits};
pub use patch::Patch;
pub use phone::Phone;
pub use phone_policy::{CallingPlan, PhonePolicy};
pub use problem::Problem;
pub use text::{Line, Prose, Text};
pub use word::Word;
pub use zone::Zone;
