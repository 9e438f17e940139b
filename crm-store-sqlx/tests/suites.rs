//! The suites of the modules over databases: every story that `crm-store-memory/tests/suites` tells in memory.
//!
//! `CRM_TEST_STORE` says where: `sqlite`, which is also where it is not set, `postgres`, `function`, `partitions` or
//! `policies`. The tests of `over` run this program again for the others.
//!
//! Invariant: a story that is true of the memory store is true of every store.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod at_once;
    pub(crate) mod chosen;
    #[cfg(feature = "postgres")]
    pub(crate) mod emptied;
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    #[cfg(feature = "postgres")]
    pub(crate) mod guarded;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
    #[cfg(feature = "postgres")]
    pub(crate) mod tables;
}

#[path = "../../crm-store-memory/tests/suites/contracts/mod.rs"]
mod contracts;
#[path = "../../crm-store-memory/tests/suites/counting.rs"]
mod counting;
#[path = "../../crm-store-memory/tests/suites/house.rs"]
mod house;
#[path = "../../crm-store-memory/tests/suites/integrations/mod.rs"]
mod integrations;
#[path = "../../crm-store-memory/tests/suites/inventory/mod.rs"]
mod inventory;
#[path = "../../crm-store-memory/tests/suites/leads/mod.rs"]
mod leads;
#[path = "../../crm-store-memory/tests/suites/marketing/mod.rs"]
mod marketing;
#[path = "../../crm-store-memory/tests/suites/payments/mod.rs"]
mod payments;

use support::chosen as store;

#[cfg(feature = "postgres")]
mod over {
    use std::process::Command;

    use crate::store::STORE;

    /// What holds a unit, and what sells it: that each happens once is a unique key of the store.
    const CLAIMS: &[&str] = &["inventory::", "contracts::signing", "contracts::races", "contracts::life"];

    /// Tables of rules, long and the same wherever rows are kept: SQLite has shown that, and PostgreSQL shows it when more
    /// is asked for than usual (`CRM_CASES`).
    const RULES: &[&str] = &[
        "contracts::deletions::each_deletion_in_each_state_of_what_depends_on_it",
        "contracts::numbers::a_register_that_was_imported_is_skipped_at_once",
        "contracts::roles::each_role_does_what_its_table_says",
        "contracts::walk::units_leads_and_contracts_tell_one_story",
        "each_command_in_each_state",
        "leads::owners::a_hundred_leads_are_shared_fairly_and_the_same_way_each_time",
    ];

    /// Runs the stories of these names over another store.
    fn again(form: &str, names: &[&str]) {
        if std::env::var_os(STORE).is_some() {
            return;
        }
        let rules = if std::env::var_os("CRM_CASES").is_some() { &[] } else { RULES };
        let skipped = rules.iter().chain(&["over::"]).flat_map(|name| ["--skip", name]);
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.args(names).args(skipped).env(STORE, form).output().unwrap();
        let [told, wrong] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(output.status.success(), "{form}: {told}{wrong}");
        assert!(!told.contains("running 0 tests"), "{form}: a test of nothing proves nothing");
    }

    #[test]
    fn postgres() {
        again("postgres", &[]);
    }

    #[test]
    fn postgres_by_function() {
        again("function", CLAIMS);
    }

    #[test]
    fn postgres_in_partitions() {
        again("partitions", CLAIMS);
    }

    #[test]
    fn postgres_under_policies() {
        again("policies", CLAIMS);
    }
}
