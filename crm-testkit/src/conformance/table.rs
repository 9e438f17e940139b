//! The table of bodies, and the macro that makes tests of it.
//!
//! Invariant: a body that is in the table is in [`BODIES`](crate::conformance::BODIES) and a test of every store.

/// Calls another macro with what it is given and all bodies of the suite, by area.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_bodies {
    ($then:path, $given:tt) => {
        $then! {
            $given
            load {
                every_field_of_every_kind_comes_back,
                every_field_of_an_organization_comes_back,
                text_comes_back_unchanged,
                documents_come_back_unchanged,
                decimals_keep_value_and_scale,
                what_is_not_there_is_answered_as_absent,
                a_key_is_a_kind_and_an_id,
                a_deleted_row_is_loaded_as_it_is,
                a_set_holds_the_rows_that_match_in_the_order_of_ids,
                a_set_follows_changes,
                sets_are_compared_exactly,
                one_load_answers_everything_at_once,
                a_load_is_of_one_state,
                a_load_of_nothing_is_empty,
                what_a_field_refers_to_is_loaded_too,
                committed_commands_are_known,
                a_command_without_rows_is_known,
                rows_are_loaded_under_the_key_they_were_asked_by,
            }
            commit {
                an_applied_commit_is_there_whole,
                the_last_write_is_seen,
                a_changed_version_is_a_conflict,
                the_version_of_a_row_that_is_only_read_is_checked,
                a_version_of_a_deleted_row_is_a_conflict,
                deleted_and_restored_is_another_version,
                a_demoted_actor_is_a_conflict,
                a_record_that_is_gone_is_a_conflict,
                a_record_that_is_present_may_have_changed,
                a_record_that_exists_is_a_conflict,
                a_deleted_record_exists_too,
                a_commit_is_not_applied_twice,
                a_row_that_entered_a_set_is_a_conflict,
                a_row_that_was_moved_into_a_set_is_a_conflict,
                a_row_that_left_a_set_is_a_conflict,
                a_row_that_only_left_a_set_is_a_conflict,
                a_set_is_compared_by_its_ids,
                a_set_of_deleted_rows_is_checked,
                a_deleted_row_that_entered_a_set_is_a_conflict,
                rows_outside_of_a_set_are_no_conflict,
                a_deleted_row_is_in_no_set,
                a_taken_claim_is_a_conflict,
                a_used_idempotency_key_is_a_conflict,
                independent_commits_are_both_applied,
                a_large_commit_is_whole,
                a_hand_over_is_whole_or_nothing,
            }
            filters {
                all_and_nothing,
                some_ids,
                equal_values,
                equal_to_null_is_empty,
                equal_text_is_exact,
                one_of_some_values,
                ranges_and_their_bounds,
                a_range_of_amounts_is_numeric,
                a_range_of_times_is_exact,
                empty_fields,
                a_condition_on_what_a_field_points_at,
                a_condition_over_two_references,
                a_condition_on_a_deleted_record,
                every_one_of_some_conditions,
                any_one_of_some_conditions,
                nested_conditions,
                every_field_can_be_filtered,
                deleted_rows_match_nothing,
            }
            search {
                letter_case_makes_no_difference,
                no_character_is_a_wildcard,
                a_part_of_any_searched_field_is_found,
                fields_do_not_run_into_each_other,
                deleted_rows_are_not_found,
                a_changed_text_is_found_anew,
                a_search_is_counted,
            }
            order {
                every_sorted_field_in_both_directions,
                ties_are_broken_by_id,
                empty_fields_come_last,
                text_is_ordered_by_its_normal_form,
                characters_are_ordered_by_code_point,
                numbers_are_ordered_as_numbers,
                pages_are_cut_from_the_order,
                imported_times_are_ordered,
                times_are_ordered_to_the_last_digit,
            }
            page {
                windows_are_cut_exactly,
                more_says_whether_a_row_follows,
                a_long_page_is_whole,
                the_largest_windows_are_answered,
                the_total_counts_what_matches,
                the_total_follows_changes,
                cursors_visit_every_row_once,
                cursors_keep_the_filter,
                a_cursor_outlives_its_row,
                a_cursor_is_not_moved_by_new_rows,
                any_position_is_a_place,
                a_cursor_can_be_written_down,
                at_most_so_many_of_a_group,
                a_total_counts_what_groups_leave_out,
                groups_are_cut_before_the_window,
                groups_are_of_what_matches,
                an_empty_list_is_answered,
                a_list_is_of_one_kind,
            }
            view {
                a_list_has_only_what_is_seen,
                a_total_counts_only_what_is_seen,
                a_measure_has_only_what_is_seen,
                a_filter_cannot_widen_a_view,
                a_view_can_follow_a_reference,
                a_role_with_own_rows_sees_its_own,
            }
            measure {
                sums_are_exact,
                every_row_is_counted,
                empty_amounts_add_nothing,
                without_a_field_the_sum_is_zero,
                no_rows_have_no_group,
                groups_by_several_fields,
                groups_of_text_are_exact,
                amounts_of_another_scale_are_one_group,
                groups_by_time,
                a_measure_is_filtered,
                a_measure_is_of_now,
                every_kind_can_be_counted,
                a_board_counts_all_deals,
            }
            history {
                every_write_is_one_entry,
                the_oldest_entry_comes_first,
                a_clock_that_goes_back_keeps_the_order,
                entries_have_before_and_after,
                entries_keep_the_scale_of_decimals,
                entries_name_their_actor_and_command,
                each_record_has_its_own_ledger,
                a_deleted_record_keeps_its_ledger,
                an_unknown_record_has_no_ledger,
                the_ledger_rebuilds_every_record,
                a_record_as_it_was,
                the_ledger_of_many_rows,
                a_long_ledger_is_whole,
                the_ledger_of_what_is_seen,
                the_ledger_until_a_time,
            }
            asking {
                every_question_has_its_answer,
                a_question_is_answered_as_if_it_were_alone,
                no_question_has_no_answer,
                answers_are_of_one_state,
            }
            outbox {
                every_event_is_there_in_order,
                events_go_on_after_any_event,
                events_come_in_portions,
                later_events_follow,
                events_are_in_the_order_of_commits,
                a_refused_commit_tells_nothing,
                events_keep_what_they_carry,
                a_large_command_tells_everything,
            }
            idempotency {
                an_answer_comes_back_as_it_was,
                a_repeated_request_is_answered_from_memory,
                an_answer_is_not_of_now,
                a_key_belongs_to_its_actor,
                a_key_belongs_to_its_operation,
                keys_are_exact,
                one_key_is_used_once,
                an_outdated_answer_is_replaced_once,
                a_refused_commit_remembers_nothing,
                a_request_without_changes_is_remembered,
            }
            uniqueness {
                of_two_takers_one_gets_it,
                of_two_changes_one_gets_it,
                a_key_that_was_given_up_is_free,
                a_deleted_record_holds_no_key,
                a_restored_record_takes_its_key_again,
                a_restore_does_not_break_uniqueness,
                a_key_changes_hands_in_one_commit,
                a_key_that_is_free_again_is_no_conflict,
                a_key_that_moved_on_is_a_conflict,
                a_key_that_was_let_go_is_a_conflict,
                keys_are_compared_exactly,
                a_key_is_a_normal_form,
                keys_of_different_fields_are_different,
                an_import_keeps_keys_unique,
            }
            modules {
                a_unit_is_held_once,
                a_unit_is_sold_once,
                a_slot_of_one_kind_is_not_that_of_another,
                a_slot_is_free_when_it_is_let_go,
                a_number_is_given_once,
                a_plan_and_its_money_see_each_other,
                money_that_is_taken_back_is_owed_again,
                an_event_is_taken_once,
                an_event_does_not_miss_what_it_waits_for,
                a_lead_is_taken_once,
            }
            tenancy {
                the_same_id_is_another_row,
                nothing_is_loaded_from_the_other_side,
                lists_are_of_one_side,
                references_are_followed_on_their_own_side,
                measures_are_of_one_side,
                the_ledger_is_of_one_side,
                the_outbox_is_of_one_side,
                unique_keys_are_of_one_side,
                answers_are_of_one_side,
                facts_are_of_one_side,
                the_other_side_does_not_vouch,
                a_deleted_organization_leaves_others_alone,
                an_unknown_organization_is_empty,
                tombstones_are_of_one_side,
            }
            seats {
                seats_are_of_all_organizations,
                seats_are_of_one_user,
                who_has_left_has_no_seat,
                a_deleted_organization_has_no_seats,
                a_seat_that_is_switched_off_is_told,
                seats_are_of_now,
            }
            time {
                the_time_of_a_write_is_kept,
                the_ends_of_the_calendar_are_kept,
                a_time_is_a_point_in_time,
                a_day_is_not_moved,
                a_clock_that_stands_still_loses_nothing,
            }
            shell {
                the_last_owner_stays,
                a_deal_ends_once,
                a_stale_editor_is_told,
                a_plan_writes_what_it_showed,
                a_batch_is_whole_or_nothing,
                what_falls_together_comes_back_together,
                membership_is_looked_up_each_time,
                a_timeline_is_paged,
                hints_change_no_answer,
                a_command_without_changes_writes_nothing,
                facts_without_writes_are_checked,
            }
            race {
                many_takers_of_one_key,
                many_changes_of_one_record,
                many_ends_of_one_deal,
                many_times_one_request,
                owners_in_a_circle,
                many_times_one_member,
                strangers_do_not_meet,
            }
        }
    };
}

/// Declares one test for each body of the [conformance suite](crate::conformance).
///
/// The first argument is something that gives an empty store with a guard each time it is called and awaited: an
/// `async fn() -> (Arc<dyn Store>, Guard)` or a closure. The guard is dropped when the test is over, on success and on
/// failure: it can drop a schema or remove a file. The second blocks on a future.
///
/// ```
/// use std::sync::Arc;
/// use crm_core::store::Store;
/// use crm_store_memory::MemoryStore;
///
/// async fn empty() -> (Arc<dyn Store>, ()) {
///     (Arc::new(MemoryStore::new()), ())
/// }
///
/// crm_testkit::store_conformance!(empty, pollster::block_on);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_conformance {
    ($make:expr, $block_on:path $(,)?) => {
        $crate::conformance_bodies!($crate::declare_conformance_tests, { $make, $block_on });
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! declare_conformance_tests {
    ({ $make:expr, $block_on:path } $($area:ident { $($body:ident,)* })*) => {
        // The bodies are compiled once, with the suite, and not again for each store.
        fn keeps_body(name: &str) {
            let body = $crate::conformance::body(name);
            let _guard = $block_on(async {
                let (store, guard) = ($make)().await;
                (body.run)(store).await;
                guard
            });
        }

        $($(
            #[test]
            fn $body() {
                keeps_body(stringify!($body));
            }
        )*)*
    };
}
