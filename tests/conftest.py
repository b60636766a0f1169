"""What runs when: see "How long it may take" in README.md."""

from __future__ import annotations

import collections
import gc
import itertools
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from commands import surroundings
from ready import Ready

WIDE = (
    "test_truth.py::test_the_verdict_is_true[1.5-a_key_with_letters_in_front",
    "test_nights.py::test_shards_have_seeds_of_their_own_and_the_same_night_has_the_same_ones",
    "test_cluster.py::test_a_cluster_that_goes_away_ends_the_night_with_what_is_known",
    "test_what_scenarios_do.py::test_a_night_that_was_killed_goes_on_and_nothing_that_was_found_is_lost[SliceEnded",
    "test_check.py::test_who_ends_a_proof_is_told_what_is_known_and_gets_none[large.c",
    "test_unseen_code.py::test_libraries_and_code_that_is_loaded_are_named_and_rule_out_a_proof",
    "test_unseen_code.py::test_registers_that_a_thread_has_cleared_are_in_no_core_of_ours",
    "test_unseen_code.py::test_threads_of_a_library_are_noticed",
    "test_unseen_code.py::test_what_an_object_file_of_the_users_writes_is_found",
    "test_not_carried_out.py::test_what_goes_wrong_after_something_was_not_carried_out_is_no_bug[threads",
    "test_unseen_code.py::test_what_inline_assembly_writes_is_found",
    "test_build.py::test_locks_that_the_cxx_library_makes_of_atomics_need_no_detector",
    "test_campaign_scenario.py::test_two_leaks_never_shrink_into_one_another",
    "test_reduced_seen.py::test_it_comes_out_as_under_every_schedule[what a thread returns",
    "test_registers.py::test_registers_of_threads_that_are_not_struck_are_in_the_core[the core that redactfuzz wrote",
    "test_registers.py::test_registers_of_threads_that_are_not_struck_are_in_the_core[the kernel's core-movdqu",
    "test_registers.py::test_registers_of_threads_that_are_not_struck_are_in_the_core[the kernel's core-vmovdqu32",
    "test_confine.py::test_a_program_that_changes_its_folder_leaves_its_core_in_ours",
    "test_confirm.py::test_a_deadlock_is_counted_and_the_rest_of_the_time_is_used",
    "test_confirm.py::test_a_leak_is_met_by_plain_threads_and_in_its_fixed_twin_never[by_exception",
    "test_confirm.py::test_a_leak_is_met_by_plain_threads_and_in_its_fixed_twin_never[by_signal",
    "test_confirm.py::test_what_a_run_had_shown_counts_when_its_process_ends[os._exit(3)]",
    "test_core_targets.py::test_the_vulnerable_twin_leaks_into_a_core_and_the_fixed_one_does_not[protect_after_fill]",
    "test_core_targets.py::test_the_vulnerable_twin_leaks_into_a_core_and_the_fixed_one_does_not[stale_region_list]",
    "test_core_targets.py::test_the_vulnerable_twin_leaks_into_a_core_and_the_fixed_one_does_not[torn_copy]",
    "test_core_targets.py::test_the_vulnerable_twin_leaks_into_a_core_and_the_fixed_one_does_not[unprotect_before_wipe]",
    "test_cxx_library.py::test_what_is_thrown_is_searched",
    "test_dependence_forms.py::test_a_campaign_does_not_pass_a_random_composition_of_encodings[25",
    "test_dependence_forms.py::test_a_correct_redactor_is_not_accused[numbers of threads]",
    "test_dependence_forms.py::test_no_form_of_a_secret_passes[a digest of each two",
    "test_dependence_forms.py::test_no_form_of_a_secret_passes[differences",
    "test_dependence_forms.py::test_no_form_of_a_secret_passes[logarithms",
    "test_dependence_forms.py::test_no_form_of_a_secret_passes[sorted with places",
    "test_dependence_forms.py::test_no_form_of_a_secret_passes[spaces and tabs",
    "test_dependence_forms.py::test_no_form_of_a_secret_passes[sums",
    "test_dependence_forms.py::test_no_random_composition_of_encodings_is_taken_for_independent",
    "test_dump_idioms.py::test_a_locked_snapshot_is_not_accused[deepcopy of an object",
    "test_dump_idioms.py::test_a_locked_snapshot_is_not_accused[pickle of an object",
    "test_dump_idioms.py::test_a_locked_snapshot_is_not_accused[urlencode",
    "test_json_events.py::test_seventy_megabytes_in_one_document_are_one_document",
    "test_kernel_core.py::test_a_buffer_that_was_wiped_perfectly_is_in_no_core[own writer-of_every_kind]",
    "test_kernel_core.py::test_a_secret_that_is_kept_is_in_the_core[kernel-using_text]",
    "test_kernel_core.py::test_a_secret_that_is_kept_is_in_the_core[own writer-keeping]",
    "test_leaves_nothing.py::test_nothing_stays[SIGHUP-cores]",
    "test_leaves_nothing.py::test_nothing_stays[SIGHUP-dies]",
    "test_leaves_nothing.py::test_nothing_stays[SIGHUP-files]",
    "test_leaves_nothing.py::test_nothing_stays[SIGHUP-program]",
    "test_leaves_nothing.py::test_nothing_stays[SIGINT-cores]",
    "test_leaves_nothing.py::test_nothing_stays[SIGINT-dies]",
    "test_leaves_nothing.py::test_nothing_stays[SIGINT-files]",
    "test_leaves_nothing.py::test_nothing_stays[SIGINT-hangs]",
    "test_leaves_nothing.py::test_nothing_stays[SIGINT-program]",
    "test_leaves_nothing.py::test_nothing_stays[SIGKILL of the worker-cores]",
    "test_leaves_nothing.py::test_nothing_stays[SIGKILL of the worker-dies]",
    "test_leaves_nothing.py::test_nothing_stays[SIGKILL of the worker-files]",
    "test_leaves_nothing.py::test_nothing_stays[SIGKILL of the worker-hangs]",
    "test_leaves_nothing.py::test_nothing_stays[SIGKILL-dies]",
    "test_leaves_nothing.py::test_nothing_stays[SIGKILL-hangs]",
    "test_leaves_nothing.py::test_nothing_stays[SIGKILL-program]",
    "test_leaves_nothing.py::test_nothing_stays[SIGTERM-cores]",
    "test_leaves_nothing.py::test_nothing_stays[SIGTERM-files]",
    "test_leaves_nothing.py::test_nothing_stays[SIGTERM-hangs]",
    "test_literature.py::test_the_bug_is_found_within_its_budget[reorder -DN=100",
    "test_literature.py::test_the_bug_is_found_within_its_budget[safe_stack]",
    "test_literature.py::test_the_bug_is_found_within_its_budget[twostage -DN=100]",
    "test_machines.py::test_an_enumeration_counts_the_same_on_every_machine[counter.c-BOUNDED",
    "test_machines.py::test_an_enumeration_counts_the_same_on_every_machine[deadlock01.c",
    "test_machines.py::test_an_enumeration_counts_the_same_on_every_machine[stack.c-BOUNDED",
    "test_machines.py::test_models_hold_on_every_machine[sync_classes.cpp",
    "test_machines.py::test_models_hold_on_every_machine[sync_condition.c",
    "test_native_targets.py::test_it_needs_as_many_preemptions_as_are_stated[compacting_arena",
    "test_native_targets.py::test_it_needs_as_many_preemptions_as_are_stated[fork_child",
    "test_native_targets.py::test_it_needs_as_many_preemptions_as_are_stated[lock_skipped",
    "test_native_targets.py::test_it_needs_as_many_preemptions_as_are_stated[protect_after_fill",
    "test_native_targets.py::test_it_needs_as_many_preemptions_as_are_stated[registry_eviction",
    "test_native_targets.py::test_it_needs_as_many_preemptions_as_are_stated[vector_registers",
    "test_native_targets.py::test_the_fixed_twin_is_proved_up_to_two_preemptions[elided_wipe",
    "test_native_targets.py::test_the_fixed_twin_is_proved_up_to_two_preemptions[fork_child",
    "test_native_targets.py::test_the_fixed_twin_is_proved_up_to_two_preemptions[registry_eviction",
    "test_native_targets.py::test_the_fixed_twin_is_proved_up_to_two_preemptions[vector_registers",
    "test_native_targets.py::test_the_private_numbers_of_a_retired_key_are_found_where_openssl_left_them",
    "test_no_secret_comes_out.py::test_no_piece_of_a_key_is_in_anything_that_is_written[pytest]",
    "test_no_secret_comes_out.py::test_no_piece_of_a_key_is_in_anything_that_is_written[run --json]",
    "test_no_secret_of_a_program_comes_out.py::test_no_piece_of_a_secret_is_in_anything_that_is_written",
    "test_oracles.py::test_a_secret_in_what_reaches_stderr_and_none_of_our_words",
    "test_programs.py::test_a_second_crash_strikes_in_the_handler_unless_it_is_left_out",
    "test_programs.py::test_tests_of_one_program_have_a_finding_each_and_are_replayed_one_by_one",
    "test_provenance.py::test_registers_in_a_signal_frame_say_who_was_struck_and_where",
    "test_pytest.py::test_two_leaks_are_never_shrunk_into_one",
    "test_pytest_replay.py::test_the_printed_command_shows_the_finding_again[method under given]",
    "test_run.py::test_a_drawn_scenario_runs_without_pytest",
    "test_shrunk.py::test_so_it_is_where_each_execution_has_a_process_of_its_own",
    "test_targets.py::test_nothing_is_found_in_the_fixed_one_at_twice_what_its_twin_may_take_under_the_same_options[drain_once",
    "test_targets.py::test_nothing_is_found_in_the_fixed_one_at_twice_what_its_twin_may_take_under_the_same_options[loggingredactor::live_dict",
    "test_targets.py::test_nothing_is_found_in_the_fixed_one_at_twice_what_its_twin_may_take_under_the_same_options[sentry",
    "test_targets.py::test_nothing_is_found_in_the_fixed_one_at_twice_what_its_twin_may_take_under_the_same_options[stdlib-logging::raising_formatter",
    "test_targets.py::test_nothing_is_found_in_the_fixed_one_at_twice_what_its_twin_may_take_under_the_same_options[storm0558",
    "test_targets.py::test_nothing_is_found_in_the_fixed_one_at_twice_what_its_twin_may_take_under_the_same_options[teardown",
    "test_targets.py::test_one_after_the_other_the_threads_of_a_target_leak_only_where_no_preemption_is_needed[storm0558",
    "test_targets.py::test_the_leak_is_found_within_its_budget_and_shrinks[apache-airflow-task-sdk::dirty_publish]",
    "test_targets.py::test_the_leak_is_found_within_its_budget_and_shrinks[storm0558::unregistered_key",
    "test_targets.py::test_with_one_preemption_fewer_there_is_no_leak[sentry",
    "test_targets.py::test_with_one_preemption_fewer_there_is_no_leak[storm0558",
    "test_truth.py::test_the_verdict_is_true[1.1-parities_of_a_key_in_hexadecimal]",
    "test_truth.py::test_the_verdict_is_true[1.1-parities_of_a_token_as_numbers",
    "test_truth.py::test_the_verdict_is_true[1.1-private_shifted_exponent]",
    "test_truth.py::test_the_verdict_is_true[1.1-private_sum_of_primes]",
    "test_truth.py::test_the_verdict_is_true[1.1-public_key_as_decimal]",
    "test_truth.py::test_the_verdict_is_true[1.1-public_key_as_hexadecimal]",
    "test_truth.py::test_the_verdict_is_true[1.1-public_key_as_pem",
    "test_truth.py::test_the_verdict_is_true[1.1-public_key_as_ssh",
    "test_truth.py::test_the_verdict_is_true[1.4-bits_of_a_digest_of_which_few_are_set]",
    "test_truth.py::test_the_verdict_is_true[1.4-bits_of_the_secret_of_which_few",
    "test_truth.py::test_the_verdict_is_true[1.5-a_key_with_words_in_front]",
    "test_truth.py::test_the_verdict_is_true[1.7-in_the_place_of_what_is_drawn]",
    "test_truth.py::test_the_verdict_is_true[1.7-shifted_in_one_of_many_numbers",
    "test_truth.py::test_the_verdict_is_true[2.1-a_sequence_without_end_is_named]",
    "test_truth.py::test_the_verdict_is_true[2.4-no_secret_with_a_limit_of_files]",
    "test_truth.py::test_the_verdict_is_true[2.5-a_redacted_text_through_the_last_resort_of_logging]",
    "test_truth.py::test_the_verdict_is_true[2.5-another_form_in_the_log]",
    "test_truth.py::test_the_verdict_is_true[2.5-stdout_led_to_a_pipe]",
    "test_truth.py::test_the_verdict_is_true[2.6-an_rsa_key_that_a_module_keeps]",
    "test_truth.py::test_the_verdict_is_true[3.2-what_the_execution_before_left]",
    "test_truth.py::test_the_verdict_is_true[3.3-a_function_asks_again_and_again",
    "test_truth.py::test_the_verdict_is_true[3.3-a_million_passes",
    "test_truth.py::test_the_verdict_is_true[3.3-counts_down_",
    "test_truth.py::test_the_verdict_is_true[3.3-evens_calls_itself_right",
    "test_truth.py::test_the_verdict_is_true[3.3-fib_calls_itself_right",
    "test_truth.py::test_the_verdict_is_true[3.3-generates_",
    "test_truth.py::test_the_verdict_is_true[3.3-maps_",
    "test_truth.py::test_the_verdict_is_true[3.4-a_heartbeat_where_the_report_was_dropped]",
    "test_truth.py::test_the_verdict_is_true[3.4-descriptors_are_left_open]",
    "test_truth.py::test_the_verdict_is_true[3.4-seventy_threads_of_which_one_leaks]",
    "test_truth.py::test_the_verdict_is_true[3.5-a_canary_that_leaks_after_hundreds",
    "test_truth.py::test_the_verdict_is_true[3.6-one_pass_of_a_thousand]",
    "test_truth.py::test_the_verdict_is_true[3.6-one_pass_of_ten_thousand",
    "test_truth.py::test_the_verdict_is_true[3.6-one_record_of_a_thousand]",
    "test_truth.py::test_the_verdict_is_true[3.6-pass_of_ten_thousand",
    "test_truth.py::test_the_verdict_is_true[4.2-add_with_carry",
    "test_truth.py::test_the_verdict_is_true[4.2-builtin_memcpy",
    "test_truth.py::test_the_verdict_is_true[4.2-long_wait_poll",
    "test_truth.py::test_the_verdict_is_true[4.2-long_wait_semaphore",
    "test_truth.py::test_the_verdict_is_true[4.2-masked",
    "test_truth.py::test_the_verdict_is_true[4.2-non_temporal-O1]",
    "test_truth.py::test_the_verdict_is_true[4.2-short_wait_poll",
    "test_truth.py::test_the_verdict_is_true[4.2-short_wait_semaphore",
    "test_truth.py::test_the_verdict_is_true[4.2-store_low",
    "test_truth.py::test_the_verdict_is_true[4.2-unhooked_function-O1]",
    "test_truth.py::test_the_verdict_is_true[4.3-child_keeps-O1]",
    "test_truth.py::test_the_verdict_is_true[4.3-child_struck_at_many",
    "test_truth.py::test_the_verdict_is_true[4.3-reaches_out_pending-O1]",
    "test_truth.py::test_the_verdict_is_true[4.3-shared_memfd_right-O0]",
    "test_truth.py::test_the_verdict_is_true[4.3-shared_memory_right-O0]",
    "test_truth.py::test_the_verdict_is_true[4.5-reorder_100-",
    "test_truth.py::test_the_verdict_is_true[4.5-reorder_100_slowly",
    "test_truth.py::test_the_verdict_is_true[5.1-long_",
    "test_truth.py::test_the_verdict_is_true[5.1-polite_for_ever",
    "test_truth.py::test_the_verdict_is_true[5.1-spins_with_back_off_for_ever",
    "test_truth.py::test_the_verdict_is_true[5.1-waits_and_counts_for_ever",
    "test_truth.py::test_the_verdict_is_true[5.2-idle_forgotten",
    "test_truth.py::test_the_verdict_is_true[5.2-idle_yields",
    "test_truth.py::test_the_verdict_is_true[5.3-library_lock-O0]",
    "test_truth.py::test_the_verdict_is_true[5.3-library_lock_alone-O0]",
    "test_truth.py::test_the_verdict_is_true[5.3-own_limits_few",
    "test_truth.py::test_the_verdict_is_true[5.3-pages_at_once",
    "test_truth.py::test_the_verdict_is_true[5.3-partly_large-O0]",
    "test_truth.py::test_the_verdict_is_true[5.6-beside_30_copies",
    "test_what_a_campaign_says.py::test_without_a_key_such_an_object_is_no_leak_and_what_was_not_read_is_named[deep-VACUOUS]",
)
"""What takes longest beside one of its kind that is not here: `make wide` runs it. Beginnings of ids."""

ONCE = (
    "test_check_trees.py",
    "test_contributing.py",
    "test_confirm.py",
    "test_event_schema.py",
    "test_leaves_nothing.py",
    "test_night_",
    "test_no_secret_comes_out.py",
    "test_no_secret_on_a_page.py",
    "test_pytest_interrupted.py",
    "test_pytest_neighbours.py",
    "test_pytest_replay.py",
    "test_report.py",
    "test_run.py",
    "test_scan.py",
    "test_supervision.py",
    "test_unconfined.py",
    "test_campaigns.py",
    "test_confirmed.py",
    "test_core_targets.py",
    "night/",
    "unit/night/",
    "test_dependence_forms.py",
    "test_dump_corpus.py",
    "test_dump_idioms.py",
    "test_regressions.py",
    "test_shrunk.py",
    "test_targets.py::test_nothing_is_found",
    "test_targets.py::test_only_those",
    "test_changed.py",
    "test_decide.py",
    "test_dependencies.py",
    "test_doctor.py",
    "test_doctor_probes.py",
    "test_init.py",
    "test_jobs.py",
    "test_init_files.py",
    "test_revision.py",
    "test_templates.py",
    "test_ends_itself.py",
    "test_kernel_core.py",
    "test_late_secrets.py",
    "test_registers.py",
    "test_stored_programs.py",
    "test_what_a_campaign_says.py::test_without_a_key_such_an_object_is_no_leak_and_what_was_not_read_is_named[deep",
    "test_truth.py::test_the_verdict_is_true[1.",
    "test_truth.py::test_the_verdict_is_true[2.2-a_large_file",
    "unit/campaign/",
    "unit/core/",
    "unit/dumps/",
    "unit/model/",
    "unit/report/",
    "unit/scan/",
    "unit/schedule/",
)
"""What asks little of the interpreter beside what others ask of each: the first one alone runs it. Names or folders."""

ONE_OF = {
    "test_leaves_nothing.py::test_nothing_stays": 14,
    "test_pytest_interrupted.py::test_a_session_that_is_terminated": 2,
    "test_pytest_interrupted.py::test_what_is_known_is_in_the_summary": 2,
    "test_bad_input.py::test_what": 2,
    "test_not_carried_out.py::test_what": 2,
    "test_literature.py::test_increments_end_as_the_brute_force_says": 2,
    "test_literature.py::test_the_bug_is_found_within_its_budget": 2,
    "test_native_targets.py::test_it_needs_as_many_preemptions_as_are_stated": 6,
    "test_native_targets.py::test_nothing_is_found_in_the_fixed_twin": 6,
    "test_native_targets.py::test_one_after_the_other_the_threads": 6,
    "test_native_targets.py::test_the_leak_is_found": 6,
    "test_native_targets.py::test_the_fixed_twin_is_proved_up_to_two_preemptions": 6,
    "test_dependence_forms.py::test_a_campaign_does_not_pass_a_random_composition": 4,
    "test_dependence_forms.py::test_no_form_of_a_secret_passes": 8,
    "test_dump_idioms.py::test_a_half_scrubbed_object_leaks": 8,
    "test_dump_idioms.py::test_a_locked_snapshot_is_not_accused": 8,
    "test_regressions.py::test_what_switches_between_calls_happens_again": 4,
    "test_shrunk.py::test_threads_that_only_stand_by_cost_no_preemption": 3,
    "test_shrunk.py::test_what_needs_many_preemptions_is_told_with_no_more": 6,
    "test_targets.py::test_nothing_is_found_in_the_fixed_one": 8,
    "test_targets.py::test_one_after_the_other_the_threads": 8,
    "test_targets.py::test_only_those_that_are_marked": 8,
    "test_targets.py::test_the_leak_is_found": 6,
    "test_targets.py::test_with_one_preemption_fewer_there_is_no_leak": 8,
    "test_ends_itself.py::test_code_that_ends_the_process_under_some_schedule": 2,
    "test_writable.py::test_python_cannot_change_files_of_the_user": 3,
    "test_truth.py::test_the_verdict_is_true[1.": 10,
    "test_truth.py::test_the_verdict_is_true[2.": 10,
    "test_truth.py::test_the_verdict_is_true[3.": 10,
    "test_truth.py::test_the_verdict_is_true[4.": 6,
    "test_truth.py::test_the_verdict_is_true[5.": 6,
}
"""Of many of one kind every so-manieth is run each time, the others by `make wide`. In `truth/` leaks and right twins
stand in turn: every third or fifth one takes from both."""

LATER = "test_truth.py::test_the_verdict_is_true["
"""What of it several interpreters would run: in `.ci/run` the last one alone does, else all of `make test` is run."""

SLOW = (
    "test_canary_forms.py::test_work_apart_that_dies_is_an_error",
    "test_check_trees.py",
    "test_contributing.py",
    "test_cost_of_a_choice.py",
    "test_differs.py",
    "test_dpor.py::test_it_meets_no_memory_error",
    "test_dpor.py::test_no_outcome_of_thousands",
    "test_dpor.py::test_none_is_lost_where",
    "test_dpor.py::test_without_a_rule",
    "test_dump.py::test_a_bomb_takes_less_than_200_mb_of_memory",
    "test_elf_core_built.py::test_a_million_empty_notes",
    "test_elf_core_built.py::test_many_segments_over_the_same_notes",
    "test_elf_core_real.py",
    "test_fuzzed.py",
    "test_hardening.py::test_the_driver_of_programs",
    "test_holes.py::test_a_secret_beside_a_hole_is_found_whole",
    "test_house.py::test_what_is_left_to_make_wide",
    "test_packed.py::test_what_comes_before_damage_is_read",
    "test_policies.py::test_pct_meets_its_bound_on_chains_of_its_depth",
    "test_policies.py::test_random_walk_chooses_the_same_when_it_is_asked_before",
    "test_primes.py::test_either_prime_is_found_in_every_form",
    "test_sanitize_target.py",
    "test_sanitizers.py",
    "test_strict_c.py::test_warnings_are_errors_only_where_it_is_asked_for",
    "test_templates.py",
    "test_typing.py",
    "test_watch.py",
)
"""What `make quick` leaves out of `unit/` and `snapshots/`: it runs a compiler, or takes seconds."""

FIRST = ("truth", "runtime", "quality", "native", "e2e", "snapshots", "unit")
"""The order of folders. First those whose tests fork the process again and again: what other tests leave in its memory
makes each of these dearer. Last thousands of short ones, by which the workers end together."""

COMPILERS = {"c++", "cc", "clang", "clang++", "g++", "gcc", "ld"}


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks what is listed above, and puts what is left after others have chosen in order."""
    seen: collections.Counter[str] = collections.Counter()
    for item in items:
        path = item.nodeid.removeprefix("tests/")
        file, _, rest = path.partition("::")
        name = f"{file.rpartition('/')[2]}::{rest}"
        kind = next((begins for begins in ONE_OF if name.startswith(begins)), "")
        seen[kind] += 1
        if seen[kind] % ONE_OF.get(kind, 1):
            item.add_marker(pytest.mark.wide)
        if name.startswith(WIDE):
            item.add_marker(pytest.mark.wide)
        if path.startswith(ONCE) or name.startswith(ONCE):
            item.add_marker(pytest.mark.once)
        elif name.startswith(LATER) and item.get_closest_marker("once") is None:
            item.add_marker(pytest.mark.later)
        if name.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    yield
    items[:] = in_two_halves(items)


def in_two_halves(items: list[pytest.Item]) -> list[pytest.Item]:
    """Each half in the order of FIRST, files whole: with two workers pytest-xdist gives each a half to begin with."""
    halves: tuple[list[pytest.Item], list[pytest.Item]] = ([], [])

    def folder(item: pytest.Item) -> int:
        parts = item.nodeid.removeprefix("tests/").split("/")
        return FIRST.index(parts[0]) if parts[0] in FIRST else len(FIRST)

    for _, file in itertools.groupby(sorted(items, key=folder), key=lambda item: item.path):
        min(halves, key=len).extend(file)
    return [*halves[0], *halves[1]]


def no_compiler(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook: without the tests that are marked slow no compiler runs, so that `make quick` stays quick."""
    if event == "subprocess.Popen" and Path(os.fsdecode(args[0])).name in COMPILERS:
        pytest.fail(f"{args[0]} is run by a test that is not marked slow: name the test in SLOW of tests/conftest.py")


def pytest_configure(config: pytest.Config) -> None:
    """Ctrl-C reaches what tests start, although a shell that ran this in the background had it ignored."""
    if "not slow" in config.getoption("markexpr"):
        sys.addaudithook(no_compiler)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["REDACTFUZZ_WERROR"] = "1"  # a warning of gcc in our driver is an error here
    # Time decides no test, and a busy machine takes any.
    hypothesis.settings.register_profile(
        "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("suite")


def pytest_collection_finish() -> None:
    """What is there by now stays: the collector need not look at it, nor in the processes that are forked."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def ready() -> Iterator[Ready]:
    """A process that forks for each command."""
    made = Ready(surroundings())
    yield made
    made.close()


@pytest.fixture(scope="session")
def ready_pytest() -> Iterator[Ready]:
    """The same for ``python -m pytest``."""
    made = Ready(surroundings(), pytest=True)
    yield made
    made.close()
