//! Records of every kind come back from their values and from their JSON form.

use crm_core::describe::{Kind, Record};
use crm_testkit::strategies::records;
use proptest::prelude::*;

proptest! {
    #![proptest_config(crm_testkit::cases::config(64))]

    #[test]
    fn a_record_comes_back_from_its_values_and_its_json(record in prop::sample::select(Kind::ALL).prop_flat_map(records)) {
        let again = Record::from_values(record.kind(), record.id(), record.version(), &record.values());
        prop_assert_eq!(again.as_ref(), Ok(&record));
        let json = serde_json::to_string(&record).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let read: Record = serde_json::from_str(&json).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&read, &record);
        let text = record.search_text();
        let lines: Vec<_> = text.lines().map(crm_core::value::normal).collect();
        prop_assert_eq!(lines.join("\n"), text.lines().collect::<Vec<_>>().join("\n"), "the search text is in normal form");
    }
}
