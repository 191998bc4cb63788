package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class FileLimitTest {
    @Test
    void theSystemsSoftLimitIsReadFromItsTable() {
        var limits =
                List.of(
                        "Limit                     Soft Limit           Hard Limit           Units",
                        "Max processes             31457                31457                processes",
                        "Max open files            4096                 524288               files");

        assertThat(FileLimit.allowed(limits)).hasValue(4096);
        assertThat(FileLimit.allowed(List.of())).isEmpty();
        assertThat(FileLimit.allowed(List.of("Max open files  unlimited  unlimited  files")))
                .hasValue(Long.MAX_VALUE);
    }

    @Test
    void segmentsGetAQuarterOfItAndNoMoreThanTheyCanUse() {
        assertThat(FileLimit.shareOf(1024)).isEqualTo(256);
        assertThat(FileLimit.shareOf(Long.MAX_VALUE)).isEqualTo(2048);
        assertThat(FileLimit.segmentFiles(7)).isEqualTo(7);
    }
}
