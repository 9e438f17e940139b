//! The examples are programs: see the files beside this one. The code in the documents is compiled and run here.

#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/accounts.md")]
    struct Accounts;
    #[doc = include_str!("../docs/databases.md")]
    struct Databases;
    #[doc = include_str!("../docs/guide.md")]
    struct Guide;
    #[doc = include_str!("../docs/analytics.md")]
    struct Analytics;
    #[doc = include_str!("../docs/profiles.md")]
    struct Profiles;
}
