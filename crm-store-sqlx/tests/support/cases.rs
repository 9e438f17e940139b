//! How much is to be tried.

/// How many times as much as usual: `CRM_CASES`.
pub(crate) fn cases() -> u64 {
    std::env::var("CRM_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}
