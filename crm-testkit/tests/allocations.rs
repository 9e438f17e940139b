//! A decision costs a look-up: it asks for no memory, whoever asks for what.
//!
//! Counting replaces the allocator of the whole program, so this file is a program of its own.
//!
//! Invariant: `decide` allocates nothing, in any cell of any preset.

use std::hint::black_box;

use allocation_counter::measure;
use crm_core::Profile;
use crm_core::access::{Action, Decision, Standing, decide};
use crm_core::profile::PRESETS;

fn standings(profile: &Profile) -> Vec<Standing> {
    let places = 0..=profile.role_names().count();
    let members = places.flat_map(|place| [Standing::Member(place), Standing::Agent(place)]);
    members.chain([Standing::System, Standing::Anonymous, Standing::Unknown]).collect()
}

#[test]
fn a_decision_does_not_allocate() {
    let mut decisions = 0;
    for preset in PRESETS {
        let profile = Profile::preset(preset).unwrap();
        for standing in standings(&profile) {
            let made = measure(|| {
                for action in Action::ALL {
                    for own in [None, Some(true), Some(false)] {
                        black_box(decide(black_box(&profile), black_box(standing), *action, black_box(own)));
                        decisions += 1;
                    }
                }
            });
            assert_eq!((made.count_total, made.bytes_total), (0, 0), "{preset} {standing:?}");
        }
    }
    println!("allocations: {decisions} decisions, 0 bytes");
}

/// The counter does count: words are made when a decision is explained.
#[test]
fn an_explanation_does_allocate() {
    let profile = Profile::preset("general").unwrap();
    let made = measure(|| {
        let refused = Decision::explain(&profile, Standing::Anonymous, Action::DealRead, None);
        black_box(refused.to_string());
    });
    assert!(made.count_total > 0, "{made:?}");
}
