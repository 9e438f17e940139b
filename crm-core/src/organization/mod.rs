//! Organisations: the wall around everything.
//!
//! Invariant: an organisation that is deleted lets nobody in; its rows stay where they are and are out of reach.

mod register;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names};
use crate::describe::{FieldId, FieldType, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::error::Rule;
use crate::value::{Currency, Email, Line, Phone, PipelineId, Prose, Text, Zone};

pub use self::register::{RegisterOrganization, Registered};

entity! {
    /// A company, a team, a household: whoever's contacts and deals these are.
    Organization(OrganizationId) = "organization", OrganizationEdits;
    given {
        /// What it is called.
        name: Line [search];
        /// What it does.
        description: Option<Prose>;
        /// Its web site.
        website: Option<Line>;
        /// Its phone number.
        phone: Option<Phone>;
        /// Its e-mail address.
        email: Option<Email>;
        /// Street and number.
        address: Option<Line>;
        /// City.
        city: Option<Text<1, 100>>;
        /// Country.
        country: Option<Text<1, 100>>;
        /// Postal code.
        postal_code: Option<Text<1, 20>>;
        /// The currency of deals that name none.
        default_currency: Option<Currency>;
        /// The time zone that decides which day it is.
        time_zone: Zone;
        /// The pipeline of deals that name none.
        default_pipeline: Option<PipelineId>;
        /// Is it switched on? One that is switched off can only be read and switched on.
        active: bool;
    }
    kept {}
}

const TIME_ZONE: FieldId = field_id(<Organization as crate::describe::Entity>::FIELDS, "time_zone");
const ACTIVE: FieldId = field_id(<Organization as crate::describe::Entity>::FIELDS, "active");

impl Rules for Organization {
    const CRUD: Crud = Crud {
        read: Action::OrganizationRead,
        create: Action::OrganizationUpdate,
        update: Action::OrganizationUpdate,
        delete: Action::OrganizationDelete,
        restore: Action::OrganizationDelete,
    };
    const NAMES: crate::command::Names = names!("organization");

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(vec![(TIME_ZONE, tx.profile().spec().time_zone.to_value()), (ACTIVE, Value::Bool(true))])
    }

    /// An organisation holds one organisation: itself.
    fn judge(tx: &mut Draft<'_>, _: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        if after.id != tx.tenant().organization() {
            return Err(Rule::other("register", "an organization is founded by registering it").into());
        }
        Ok(())
    }
}
