//! Every cell of every preset's table decides as its scope says, and explains itself truly.

use crm_core::Profile;
use crm_core::access::{Action, Decision, Remedy, Scope, Standing, decide};
use crm_core::profile::PRESETS;
use crm_core::value::Word;

fn standings(profile: &Profile) -> Vec<Standing> {
    let roles = profile.role_names().count();
    let members = (0..roles).flat_map(|role| [Standing::Member(role), Standing::Agent(role)]);
    members
        .chain([Standing::System, Standing::Anonymous, Standing::Unknown, Standing::Member(roles)])
        .collect()
}

#[test]
fn a_decision_is_its_scope_and_whose_row_it_is() {
    let mut cells = 0;
    for preset in PRESETS {
        let profile = Profile::preset(preset).unwrap();
        for standing in standings(&profile) {
            for action in Action::ALL {
                for own in [None, Some(false), Some(true)] {
                    let expected = match profile.scope(standing, *action) {
                        Scope::All => true,
                        Scope::Own => own == Some(true),
                        _ => false,
                    };
                    assert_eq!(
                        decide(&profile, standing, *action, own),
                        expected,
                        "{preset} {standing:?} {action}"
                    );
                    let explained = Decision::explain(&profile, standing, *action, own);
                    assert_eq!(explained.allowed, expected);
                    cells += 1;
                }
            }
        }
    }
    println!("access: {cells} decisions");
}

/// The change that an explanation names does turn a refusal round.
#[test]
fn the_remedy_works() {
    for preset in PRESETS {
        let profile = Profile::preset(preset).unwrap();
        for standing in standings(&profile) {
            for action in Action::ALL {
                let refused = Decision::explain(&profile, standing, *action, Some(false));
                if refused.allowed {
                    continue;
                }
                match refused.remedy {
                    Remedy::Ownership => assert!(decide(&profile, standing, *action, Some(true))),
                    Remedy::Roles(roles) => {
                        assert!(
                            !roles.is_empty(),
                            "{preset} {action}: nobody has it, and that is another remedy"
                        );
                        for role in roles {
                            let role = Standing::Member(profile.role(&role).unwrap());
                            assert!(decide(&profile, role, *action, Some(false)), "{preset} {action}");
                        }
                    }
                    Remedy::Grant => {
                        let roles = (0..profile.role_names().count()).map(Standing::Member);
                        assert!(roles.into_iter().all(|role| !decide(&profile, role, *action, Some(false))));
                    }
                }
            }
        }
    }
}

#[test]
fn an_agent_never_may_more_than_its_person() {
    for preset in PRESETS {
        let profile = Profile::preset(preset).unwrap();
        for role in 0..profile.role_names().count() {
            for action in Action::ALL {
                let agent = profile.scope(Standing::Agent(role), *action);
                assert!(agent <= profile.scope(Standing::Member(role), *action), "{preset} {action}");
            }
        }
    }
}

#[test]
fn who_is_unknown_may_nothing_and_a_visitor_what_a_site_is_for() {
    for preset in PRESETS {
        let profile = Profile::preset(preset).unwrap();
        let granted = |standing: Standing| {
            let all = Action::ALL.iter().filter(|action| profile.scope(standing, **action) != Scope::None);
            all.map(|action| action.name()).collect::<Vec<_>>()
        };
        for standing in [Standing::Unknown, Standing::Member(99), Standing::Agent(99)] {
            assert!(granted(standing).is_empty(), "{preset} {standing:?}");
        }
        let visitor: &[&str] = match *preset {
            "real_estate" => &["inventory.read", "hold.create", "lead.create"],
            "apex" => &["lead.create"],
            _ => &[],
        };
        assert_eq!(granted(Standing::Anonymous), visitor, "{preset}");
        assert_eq!(profile.role(&Word::parse("emperor").unwrap()), None);
    }
}

#[test]
fn an_action_that_is_not_known_is_refused_for_every_role() {
    for preset in PRESETS {
        for role in Profile::preset(preset).unwrap().role_names() {
            let roles = format!(r#"[{{"name":"{role}","grants":{{"deal.teleport":"all"}}}}]"#);
            let text = format!(r#"{{"extends":"{preset}","founder":"{role}","roles":{roles}}}"#);
            assert!(Profile::from_json(&text).is_err());
        }
    }
    assert!("deal.teleport".parse::<Action>().is_err());
}
