//! A profile from JSON: what is accepted says the same after it was written and read, and its tables answer.

#![no_main]

use crm_core::Profile;
use crm_core::access::{Action, Standing};
use crm_core::describe::Kind;
use crm_core::profile::ProfileError;
use crm_fuzz::comes_back_from_json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Profile::from_json(text) {
        Ok(profile) => is_as_its_text_says(&profile),
        Err(ProfileError::Faults(faults)) => assert!(!faults.is_empty(), "a refusal names a fault"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

fn is_as_its_text_says(profile: &Profile) {
    let text = comes_back_from_json(profile.spec());
    let again = Profile::from_json(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again.spec(), profile.spec());
    let roles: Vec<_> = profile.role_names().cloned().collect();
    assert!(profile.role(&profile.spec().founder).is_some(), "somebody can be the founder");
    let standings = (0..roles.len()).flat_map(|role| [Standing::Member(role), Standing::Agent(role)]);
    for standing in standings.chain([Standing::Unknown, Standing::System, Standing::Anonymous]) {
        for action in Action::ALL {
            assert_eq!(profile.scope(standing, *action), again.scope(standing, *action));
        }
    }
    for kind in Kind::ALL {
        assert_eq!(profile.field_rules(*kind).len(), kind.fields().len());
        let limit = profile.page_limit(*kind);
        assert!((1..=limit.most).contains(&limit.default), "a page of `{kind}` can be asked for");
    }
}
