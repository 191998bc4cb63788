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
        assertThat(FileLimit.of(1024, 0).segmentFiles()).isEqualTo(256);
        assertThat(FileLimit.of(Long.MAX_VALUE, 0).segmentFiles()).isEqualTo(2048);
        assertThat(FileLimit.of(1024, 7).segmentFiles()).isEqualTo(7);
    }

    @Test
    void connectionsLeaveSegmentsTheirShareAndTheProcessARest() {
        assertThat(FileLimit.of(256, 0).connections()).isEqualTo(64);
        assertThat(FileLimit.of(1024, 0).connections()).isEqualTo(512);
        assertThat(FileLimit.of(65_536, 0).connections()).isEqualTo(65_536 - 2048 - 4096);
        assertThat(FileLimit.of(65_536, 10_000).connections()).isEqualTo(65_536 - 10_000 - 4096);
        assertThat(FileLimit.of(Long.MAX_VALUE, 0).connections()).isEqualTo(Integer.MAX_VALUE);
        assertThat(FileLimit.of(100, 90).connections()).isEqualTo(16);
    }
}
