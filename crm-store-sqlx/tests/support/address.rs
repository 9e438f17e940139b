//! The server's address, for a store that makes a pool of its own.

use sqlx::ConnectOptions as _;

use crate::support::server::Schema;

/// The address, whose connections bear the name of a schema.
pub(crate) fn named(schema: &Schema) -> String {
    let mut address = schema.pool.connect_options().to_url_lossy();
    address.query_pairs_mut().append_pair("application_name", &schema.name);
    address.into()
}
