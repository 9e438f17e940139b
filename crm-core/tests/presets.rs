//! Every preset is a valid profile, and its JSON form is stable.

use crm_core::Profile;
use crm_core::profile::{PRESETS, ProfileSpec};

#[test]
fn every_preset_is_valid_and_survives_its_json_form() {
    for name in PRESETS {
        let profile = Profile::preset(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(profile.spec().name.as_str(), *name);
        let json = serde_json::to_string(profile.spec()).unwrap();
        let again: ProfileSpec = serde_json::from_str(&json).unwrap();
        assert_eq!(&again, profile.spec(), "{name}");
    }
}
