-- install: everything in order, for people who use psql, into a database of their own:
--   createdb hall && psql -X -v ON_ERROR_STOP=1 -d hall -f sql/install.sql
-- `smsctl db install` does the same and more: it remembers which schema files it applied, applies new ones once and
-- functions whenever they changed.  Each file is one transaction.

\set ON_ERROR_STOP 1
BEGIN;
\ir roles.sql
COMMIT;
BEGIN;
\ir schema/001-hall.sql
COMMIT;
BEGIN;
\ir schema/002-bss.sql
COMMIT;
BEGIN;
\ir schema/003-grants.sql
COMMIT;
BEGIN;
\ir schema/004-audit.sql
COMMIT;
BEGIN;
\ir schema/005-repeat.sql
COMMIT;
BEGIN;
\ir schema/006-instance.sql
COMMIT;
BEGIN;
\ir schema/007-dialogue.sql
COMMIT;
BEGIN;
\ir schema/008-account.sql
COMMIT;
BEGIN;
\ir schema/009-business.sql
COMMIT;
BEGIN;
\ir schema/010-door.sql
COMMIT;
BEGIN;
\ir schema/011-door-rates.sql
COMMIT;
BEGIN;
\ir schema/012-remind.sql
COMMIT;
BEGIN;
\ir schema/013-blast.sql
COMMIT;
BEGIN;
\ir schema/014-steer.sql
COMMIT;
BEGIN;
\ir schema/015-token.sql
COMMIT;
BEGIN;
\ir schema/016-care.sql
COMMIT;
BEGIN;
\ir schema/017-desk.sql
COMMIT;
BEGIN;
\ir schema/018-blast-books.sql
COMMIT;
BEGIN;
\ir schema/019-contact.sql
COMMIT;
BEGIN;
\ir functions/000_consent_put.sql
COMMIT;
BEGIN;
\ir functions/000_engine_outcomes.sql
COMMIT;
BEGIN;
\ir functions/000_enum_type.sql
COMMIT;
BEGIN;
\ir functions/000_two_shares.sql
COMMIT;
BEGIN;
\ir functions/api_agreement_mine.sql
COMMIT;
BEGIN;
\ir functions/api_agreement_renew.sql
COMMIT;
BEGIN;
\ir functions/api_audit.sql
COMMIT;
BEGIN;
\ir functions/api_balance.sql
COMMIT;
BEGIN;
\ir functions/api_bill.sql
COMMIT;
BEGIN;
\ir functions/api_codes_make.sql
COMMIT;
BEGIN;
\ir functions/api_codes_status.sql
COMMIT;
BEGIN;
\ir functions/api_contact.sql
COMMIT;
BEGIN;
\ir functions/api_contacts.sql
COMMIT;
BEGIN;
\ir functions/api_coupon_list.sql
COMMIT;
BEGIN;
\ir functions/api_data_left.sql
COMMIT;
BEGIN;
\ir functions/api_draw.sql
COMMIT;
BEGIN;
\ir functions/api_draw_fill.sql
COMMIT;
BEGIN;
\ir functions/api_event_cancel.sql
COMMIT;
BEGIN;
\ir functions/api_event_checkin.sql
COMMIT;
BEGIN;
\ir functions/api_event_list.sql
COMMIT;
BEGIN;
\ir functions/api_event_mine.sql
COMMIT;
BEGIN;
\ir functions/api_event_places.sql
COMMIT;
BEGIN;
\ir functions/api_event_signup.sql
COMMIT;
BEGIN;
\ir functions/api_event_status.sql
COMMIT;
BEGIN;
\ir functions/api_faq.sql
COMMIT;
BEGIN;
\ir functions/api_faq_list.sql
COMMIT;
BEGIN;
\ir functions/api_gift_exchange.sql
COMMIT;
BEGIN;
\ir functions/api_gift_list.sql
COMMIT;
BEGIN;
\ir functions/api_gift_quote.sql
COMMIT;
BEGIN;
\ir functions/api_hall_scores.sql
COMMIT;
BEGIN;
\ir functions/api_member_add.sql
COMMIT;
BEGIN;
\ir functions/api_member_list.sql
COMMIT;
BEGIN;
\ir functions/api_member_quote.sql
COMMIT;
BEGIN;
\ir functions/api_member_remove.sql
COMMIT;
BEGIN;
\ir functions/api_news.sql
COMMIT;
BEGIN;
\ir functions/api_number_hold.sql
COMMIT;
BEGIN;
\ir functions/api_number_mine.sql
COMMIT;
BEGIN;
\ir functions/api_number_pickup.sql
COMMIT;
BEGIN;
\ir functions/api_number_release.sql
COMMIT;
BEGIN;
\ir functions/api_number_search.sql
COMMIT;
BEGIN;
\ir functions/api_ok.sql
COMMIT;
BEGIN;
\ir functions/api_opt_in.sql
COMMIT;
BEGIN;
\ir functions/api_opt_out.sql
COMMIT;
BEGIN;
\ir functions/api_password_hash.sql
COMMIT;
BEGIN;
\ir functions/api_password_reset.sql
COMMIT;
BEGIN;
\ir functions/api_password_set.sql
COMMIT;
BEGIN;
\ir functions/api_pickup_redeem.sql
COMMIT;
BEGIN;
\ir functions/api_plan.sql
COMMIT;
BEGIN;
\ir functions/api_plan_change.sql
COMMIT;
BEGIN;
\ir functions/api_plan_compose.sql
COMMIT;
BEGIN;
\ir functions/api_plan_compose_quote.sql
COMMIT;
BEGIN;
\ir functions/api_plan_due.sql
COMMIT;
BEGIN;
\ir functions/api_plan_list.sql
COMMIT;
BEGIN;
\ir functions/api_plan_parts.sql
COMMIT;
BEGIN;
\ir functions/api_plan_pending.sql
COMMIT;
BEGIN;
\ir functions/api_plan_pending_cancel.sql
COMMIT;
BEGIN;
\ir functions/api_plan_quote.sql
COMMIT;
BEGIN;
\ir functions/api_points.sql
COMMIT;
BEGIN;
\ir functions/api_policy_confirm.sql
COMMIT;
BEGIN;
\ir functions/api_policy_open.sql
COMMIT;
BEGIN;
\ir functions/api_policy_publish.sql
COMMIT;
BEGIN;
\ir functions/api_policy_status.sql
COMMIT;
BEGIN;
\ir functions/api_poll.sql
COMMIT;
BEGIN;
\ir functions/api_porting.sql
COMMIT;
BEGIN;
\ir functions/api_profile.sql
COMMIT;
BEGIN;
\ir functions/api_quiz.sql
COMMIT;
BEGIN;
\ir functions/api_quiz_answer.sql
COMMIT;
BEGIN;
\ir functions/api_quiz_totals.sql
COMMIT;
BEGIN;
\ir functions/api_quote.sql
COMMIT;
BEGIN;
\ir functions/api_recharge.sql
COMMIT;
BEGIN;
\ir functions/api_service_about.sql
COMMIT;
BEGIN;
\ir functions/api_service_catalog.sql
COMMIT;
BEGIN;
\ir functions/api_service_list.sql
COMMIT;
BEGIN;
\ir functions/api_service_off.sql
COMMIT;
BEGIN;
\ir functions/api_service_on.sql
COMMIT;
BEGIN;
\ir functions/api_services_cancel.sql
COMMIT;
BEGIN;
\ir functions/api_set_lang.sql
COMMIT;
BEGIN;
\ir functions/api_staff_credit.sql
COMMIT;
BEGIN;
\ir functions/api_staff_month.sql
COMMIT;
BEGIN;
\ir functions/api_staff_steered.sql
COMMIT;
BEGIN;
\ir functions/api_steer.sql
COMMIT;
BEGIN;
\ir functions/api_survey_answer.sql
COMMIT;
BEGIN;
\ir functions/api_survey_open.sql
COMMIT;
BEGIN;
\ir functions/api_survey_reason.sql
COMMIT;
BEGIN;
\ir functions/api_tell_agreement.sql
COMMIT;
BEGIN;
\ir functions/api_tell_balance.sql
COMMIT;
BEGIN;
\ir functions/api_tell_business.sql
COMMIT;
BEGIN;
\ir functions/api_tell_data.sql
COMMIT;
BEGIN;
\ir functions/api_tell_dormant.sql
COMMIT;
BEGIN;
\ir functions/api_tell_event.sql
COMMIT;
BEGIN;
\ir functions/api_tell_event_place.sql
COMMIT;
BEGIN;
\ir functions/api_tell_invoice.sql
COMMIT;
BEGIN;
\ir functions/api_tell_kind.sql
COMMIT;
BEGIN;
\ir functions/api_tell_plan.sql
COMMIT;
BEGIN;
\ir functions/api_tell_policy.sql
COMMIT;
BEGIN;
\ir functions/api_tell_service_end.sql
COMMIT;
BEGIN;
\ir functions/api_tell_survey.sql
COMMIT;
BEGIN;
\ir functions/api_tell_ticket.sql
COMMIT;
BEGIN;
\ir functions/api_tell_ticket_due.sql
COMMIT;
BEGIN;
\ir functions/api_tell_ticket_overdue.sql
COMMIT;
BEGIN;
\ir functions/api_tell_warning.sql
COMMIT;
BEGIN;
\ir functions/api_tell_welcome.sql
COMMIT;
BEGIN;
\ir functions/api_ticket_answer.sql
COMMIT;
BEGIN;
\ir functions/api_ticket_detail.sql
COMMIT;
BEGIN;
\ir functions/api_ticket_open.sql
COMMIT;
BEGIN;
\ir functions/api_ticket_overdue.sql
COMMIT;
BEGIN;
\ir functions/api_ticket_report.sql
COMMIT;
BEGIN;
\ir functions/api_ticket_status.sql
COMMIT;
BEGIN;
\ir functions/api_ticket_take.sql
COMMIT;
BEGIN;
\ir functions/api_ticket_waiting.sql
COMMIT;
BEGIN;
\ir functions/api_transfer.sql
COMMIT;
BEGIN;
\ir functions/api_transfer_quote.sql
COMMIT;
BEGIN;
\ir functions/api_trigger.sql
COMMIT;
BEGIN;
\ir functions/api_usage_history.sql
COMMIT;
BEGIN;
\ir functions/api_vocabulary.sql
COMMIT;
BEGIN;
\ir functions/api_vote.sql
COMMIT;
BEGIN;
\ir functions/api_warning_ack.sql
COMMIT;
BEGIN;
\ir functions/api_warning_open.sql
COMMIT;
BEGIN;
\ir functions/api_warning_raise.sql
COMMIT;
BEGIN;
\ir functions/hall_attribution.sql
COMMIT;
BEGIN;
\ir functions/hall_audit.sql
COMMIT;
BEGIN;
\ir functions/hall_audit_blasts.sql
COMMIT;
BEGIN;
\ir functions/hall_audit_reminders.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_actor.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_add.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_again.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_again_link.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_apply.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_approve.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_begin.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_cancel.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_columns.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_duration.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_edit.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_empty.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_enter.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_export.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_finish.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_forget.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_hash.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_held_due.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_history.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_intact.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_langs.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_later.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_leave.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_list.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_list_hash.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_load_whys.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_look.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_new.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_note.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_pace_of.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_pause.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_people.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_preview.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_put.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_rate.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_recipients_add.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_recipients_clear.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_reject.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_reopen.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_repeats.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_report.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_resume.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_row_why.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_rows.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_sample.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_seal.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_seal_list.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_shares_set.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_show.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_split.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_start.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_status.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_submit.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_take.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_test.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_tested.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_testers.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_tests.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_texts.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_texts_set.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_turn.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_variant_at.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_viewers.sql
COMMIT;
BEGIN;
\ir functions/hall_blast_whys.sql
COMMIT;
BEGIN;
\ir functions/hall_channel_use.sql
COMMIT;
BEGIN;
\ir functions/hall_consent_of.sql
COMMIT;
BEGIN;
\ir functions/hall_door_failed.sql
COMMIT;
BEGIN;
\ir functions/hall_door_judge.sql
COMMIT;
BEGIN;
\ir functions/hall_door_put.sql
COMMIT;
BEGIN;
\ir functions/hall_door_silence.sql
COMMIT;
BEGIN;
\ir functions/hall_door_take.sql
COMMIT;
BEGIN;
\ir functions/hall_exposure_put.sql
COMMIT;
BEGIN;
\ir functions/hall_failure_code.sql
COMMIT;
BEGIN;
\ir functions/hall_failure_kind.sql
COMMIT;
BEGIN;
\ir functions/hall_hours_end.sql
COMMIT;
BEGIN;
\ir functions/hall_hours_next.sql
COMMIT;
BEGIN;
\ir functions/hall_hours_open.sql
COMMIT;
BEGIN;
\ir functions/hall_link_lease_take.sql
COMMIT;
BEGIN;
\ir functions/hall_link_of.sql
COMMIT;
BEGIN;
\ir functions/hall_mask.sql
COMMIT;
BEGIN;
\ir functions/hall_partition_ahead.sql
COMMIT;
BEGIN;
\ir functions/hall_partition_drop.sql
COMMIT;
BEGIN;
\ir functions/hall_partition_status.sql
COMMIT;
BEGIN;
\ir functions/hall_reminder_plan.sql
COMMIT;
BEGIN;
\ir functions/hall_reminder_ran.sql
COMMIT;
BEGIN;
\ir functions/hall_reminder_run_id.sql
COMMIT;
BEGIN;
\ir functions/hall_reminder_schedule.sql
COMMIT;
BEGIN;
\ir functions/hall_reminder_tidy.sql
COMMIT;
BEGIN;
\ir functions/hall_request_contacts.sql
COMMIT;
BEGIN;
\ir functions/hall_request_load.sql
COMMIT;
BEGIN;
\ir functions/hall_request_log.sql
COMMIT;
BEGIN;
\ir functions/hall_request_recipients.sql
COMMIT;
BEGIN;
\ir functions/hall_request_segment.sql
COMMIT;
BEGIN;
\ir functions/hall_request_tidy.sql
COMMIT;
BEGIN;
\ir functions/hall_request_trigger.sql
COMMIT;
BEGIN;
\ir functions/hall_request_triggers.sql
COMMIT;
BEGIN;
\ir functions/hall_segment_rows.sql
COMMIT;
BEGIN;
\ir functions/hall_tip_room.sql
COMMIT;
BEGIN;
\ir functions/hall_token_add.sql
COMMIT;
BEGIN;
\ir functions/hall_token_check.sql
COMMIT;
BEGIN;
\ir functions/hall_token_revoke.sql
COMMIT;
BEGIN;
\ir functions/hall_token_rotate.sql
COMMIT;
BEGIN;
\ir functions/hall_trigger_take.sql
COMMIT;
BEGIN;
\ir seed/bench.sql
COMMIT;
BEGIN;
\ir seed/demo.sql
COMMIT;
