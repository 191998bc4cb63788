package io.millrace.bench.torture.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.torture.verdict.Complaints.Complaint;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as a complaint in a node's log. */
final class ComplaintsTest {
    @Test
    void errorsAreCountedByWhatTheySay() {
        assertThat(
                        Complaints.of(
                                List.of(
                                        "2026-01-01 00:00:00.001 [INFO] Main - all is well",
                                        "2026-01-01 00:00:00.002 [ERROR] Log - bytes 5 are corrupt",
                                        "2026-01-01 00:00:09.003 [ERROR] Log - bytes 77 are corrupt",
                                        "2026-01-01 00:00:09.004 [WARN] Log - a tail was cut")))
                .containsExactly(
                        new Complaint(
                                "2026-01-01 00:00:00.002 [ERROR] Log - bytes 5 are corrupt", 2));
    }

    @Test
    void aStackTraceCountsOnceWithTheLineBeforeIt() {
        assertThat(
                        Complaints.of(
                                List.of(
                                        "[WARN] Loop - a task failed",
                                        "java.io.IOException: no space left",
                                        "\tat java.base/sun.nio.ch.Write.write(Write.java:7)",
                                        "\tat io.millrace.X.y(X.java:1)",
                                        "Caused by: java.lang.IllegalStateException: z",
                                        "[INFO] Loop - goes on")))
                .containsExactly(
                        new Complaint(
                                "[WARN] Loop - a task failed | java.io.IOException: no space left",
                                1));
    }

    @Test
    void anUncaughtExceptionCounts() {
        assertThat(
                        Complaints.of(
                                List.of(
                                        "Exception in thread \"main\" java.lang.Error: x",
                                        "\tat io.millrace.X.y(X.java:1)")))
                .hasSize(1);
    }

    @Test
    void warningsWithoutATraceAreNone() {
        assertThat(Complaints.of(List.of("[WARN] Log - a tail was cut"))).isEmpty();
    }
}
