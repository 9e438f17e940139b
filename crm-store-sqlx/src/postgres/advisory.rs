//! Advisory locks: what has no row to lock.
//!
//! Invariant: they go when the transaction ends, and two that share a key by chance delay each other and nothing else.

use crm_core::store::Tenant;

use super::dialect::Postgres;

/// What is locked. Each has keys of two halves; the first is of the organisation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lock {
    /// A commit that draws numbers for events; the second half is the last number drawn before.
    Numbers,
    /// A commit that rests on which rows of a kind match a query; the second half is the kind. Of two that both take a row
    /// out of a set and leave the other one in, the second must see what the first has done.
    Sets,
}

impl Lock {
    /// The first half of the key: a hash (FNV-1a) of what is locked, schema and organisation.
    pub(super) fn class(self, dialect: &Postgres, tenant: Tenant) -> i64 {
        let bytes = [self as u8].into_iter().chain(dialect.schema().bytes());
        let bytes = bytes.chain(tenant.organization().uuid().into_bytes());
        let hash =
            bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        i64::from(hash.cast_signed())
    }
}
