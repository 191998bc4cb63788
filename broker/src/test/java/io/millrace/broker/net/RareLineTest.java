package io.millrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RareLineTest {
    private long nowNs = Long.MAX_VALUE - RareLine.EVERY_NS / 2;
    private final RareLine line = new RareLine(() -> nowNs);

    @Test
    void theFirstIsToldAndTheOthersWithTheNextLine() {
        assertThat(line.note()).isEqualTo(1);
        assertThat(line.note()).isZero();
        assertThat(line.note()).isZero();

        nowNs += RareLine.EVERY_NS;

        assertThat(line.note()).isEqualTo(3);
        assertThat(line.note()).isZero();
    }
}
