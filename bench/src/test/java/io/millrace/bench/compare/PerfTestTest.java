package io.millrace.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class PerfTestTest {
    @Test
    void theLastLineOfProducerPerfTestIsRead() throws IOException {
        PerfTest.Outcome outcome =
                PerfTest.parse(
                        "160000 records sent, 19987.5 records/sec (19.52 MB/sec), 1.80 ms avg"
                                + " latency, 250.00 ms max latency, 1 ms 50th, 4 ms 95th, 12 ms 99th,"
                                + " 60 ms 99.9th.");

        assertThat(outcome).isEqualTo(new PerfTest.Outcome(160_000, 19_987.5, 1, 12));
    }

    @Test
    void anythingElseIsRefused() {
        assertThatThrownBy(() -> PerfTest.parse("Exception in thread main"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Exception in thread main");
    }
}
