#ifndef GATEWAY_CLI_CLI_COMMANDS_H
#define GATEWAY_CLI_CLI_COMMANDS_H

#include "gateway/cli/cli.h"

/* What the rows of commands.c run, and the options they take, by file. */

/* cmd_home.c */
extern const struct option init_options[];
extern const struct option enroll_options[];
extern const struct option card_options[];
int cmd_init(struct cli *c, struct fault *f);
int cmd_enroll(struct cli *c, struct fault *f);
int cmd_card(struct cli *c, struct fault *f);

/* cmd_people.c */
extern const struct option owner_add_options[];
extern const struct option vendor_add_options[];
extern const struct option vendor_confirm_options[];
extern const struct option vendor_change_options[];
int cmd_owner_add(struct cli *c, struct fault *f);
int cmd_owner_list(struct cli *c, struct fault *f);
int cmd_vendor_add(struct cli *c, struct fault *f);
int cmd_vendor_confirm(struct cli *c, struct fault *f);
int cmd_vendor_list(struct cli *c, struct fault *f);
int cmd_vendor_show(struct cli *c, struct fault *f);
int cmd_vendor_suspend(struct cli *c, struct fault *f);
int cmd_vendor_resume(struct cli *c, struct fault *f);
int cmd_vendor_end(struct cli *c, struct fault *f);

/* cmd_agreement.c */
extern const struct option agreement_add_options[];
extern const struct option agreement_end_options[];
int cmd_agreement_add(struct cli *c, struct fault *f);
int cmd_agreement_list(struct cli *c, struct fault *f);
int cmd_agreement_end(struct cli *c, struct fault *f);

/* cmd_batch.c */
extern const struct option plan_approve_options[];
extern const struct option reveal_options[];
int cmd_plan_approve(struct cli *c, struct fault *f);
int cmd_reveal(struct cli *c, struct fault *f);
extern const struct option batch_approve_options[];
extern const struct option batch_extend_options[];
extern const struct option batch_withdraw_options[];
extern const struct option batch_shred_options[];
int cmd_batch_list(struct cli *c, struct fault *f);
int cmd_report_batch(struct cli *c, struct fault *f);
int cmd_batch_show(struct cli *c, struct fault *f);
int cmd_batch_approve(struct cli *c, struct fault *f);
int cmd_batch_extend(struct cli *c, struct fault *f);
int cmd_batch_withdraw(struct cli *c, struct fault *f);
int cmd_batch_shred(struct cli *c, struct fault *f);
int cmd_stop(struct cli *c, struct fault *f);

/* cmd_policy.c */
extern const struct option policy_init_options[]; /* cmd_policy_init.c */
int cmd_policy_init(struct cli *c, struct fault *f);
extern const struct option policy_test_options[]; /* cmd_policy_test.c */
int cmd_policy_test(struct cli *c, struct fault *f);
extern const struct option policy_check_options[];
extern const struct option policy_explain_options[];
int cmd_policy_check(struct cli *c, struct fault *f);
int cmd_policy_explain(struct cli *c, struct fault *f);

/* cmd_subject.c */
extern const struct option report_subject_options[];
int cmd_report_subject(struct cli *c, struct fault *f);

/* cmd_hold.c */
extern const struct option hold_add_options[];
extern const struct option hold_end_options[];
extern const struct option suppress_add_options[];
extern const struct option suppress_remove_options[];
extern const struct option erase_options[];
int cmd_erase(struct cli *c, struct fault *f);
int cmd_hold_add(struct cli *c, struct fault *f);
int cmd_hold_list(struct cli *c, struct fault *f);
int cmd_hold_end(struct cli *c, struct fault *f);
int cmd_suppress_add(struct cli *c, struct fault *f);
int cmd_suppress_remove(struct cli *c, struct fault *f);
int cmd_suppress_list(struct cli *c, struct fault *f);

/* cmd_law.c */
extern const struct option countries_options[];
int cmd_countries(struct cli *c, struct fault *f);
int cmd_policy_terms(struct cli *c, struct fault *f);

/* cmd_export.c */
extern const struct option export_options[];
int cmd_export(struct cli *c, struct fault *f);
extern const struct option plan_options[];
int cmd_plan(struct cli *c, struct fault *f);

/* cmd_seal.c, cmd_inspect.c */
extern const struct option keygen_options[];
extern const struct option seal_options[];
extern const struct option open_options[];
int cmd_keygen(struct cli *c, struct fault *f);
int cmd_seal(struct cli *c, struct fault *f);
int cmd_open(struct cli *c, struct fault *f);
int cmd_inspect(struct cli *c, struct fault *f);

/* cmd_sign.c */
extern const struct option sign_options[];
extern const struct option verify_options[];
int cmd_sign(struct cli *c, struct fault *f);
int cmd_verify(struct cli *c, struct fault *f);

/* cmd_audit.c */
extern const struct option audit_verify_options[];
int cmd_audit_verify(struct cli *c, struct fault *f);

/* cmd_log.c */
extern const struct option audit_list_options[];
extern const struct option audit_show_options[];
extern const struct option audit_prove_options[];
int cmd_audit_list(struct cli *c, struct fault *f);
int cmd_audit_show(struct cli *c, struct fault *f);
int cmd_audit_prove(struct cli *c, struct fault *f);

/* cmd_backup.c */
extern const struct option backup_options[];
extern const struct option restore_options[];
extern const struct option rotate_options[];
int cmd_backup(struct cli *c, struct fault *f);
int cmd_restore(struct cli *c, struct fault *f);
int cmd_keys_rotate(struct cli *c, struct fault *f);

/* cmd_doctor.c */
int cmd_doctor(struct cli *c, struct fault *f);

/* cmd_status.c */
extern const struct option status_options[];
int cmd_status(struct cli *c, struct fault *f);

/* cmd_sanitise.c */
extern const struct option detect_options[];
extern const struct option sanitise_options[];
extern const struct option preview_options[];
int cmd_detect(struct cli *c, struct fault *f);
int cmd_sanitise(struct cli *c, struct fault *f);
int cmd_preview(struct cli *c, struct fault *f);

/* cmd_labels.c, cmd_label_scores.c */
extern const struct option labels_check_options[];
extern const struct option labels_convert_options[];
extern const struct option labels_score_options[];
extern const struct option labels_agree_options[];
int cmd_labels_check(struct cli *c, struct fault *f);
int cmd_labels_convert(struct cli *c, struct fault *f);
int cmd_labels_score(struct cli *c, struct fault *f);
int cmd_labels_agree(struct cli *c, struct fault *f);

/* cmd_ingest.c */
extern const struct option ingest_options[];
int cmd_ingest(struct cli *c, struct fault *f);
/* cmd_agent.c */
extern const struct option agent_options[];
int cmd_agent(struct cli *c, struct fault *f);

/* cmd_vendor_side.c */
extern const struct option inbox_options[];
extern const struct option fetch_options[];
extern const struct option return_options[];
int cmd_inbox(struct cli *c, struct fault *f);
int cmd_fetch(struct cli *c, struct fault *f);
int cmd_return(struct cli *c, struct fault *f);
int cmd_receipts(struct cli *c, struct fault *f);

#endif
