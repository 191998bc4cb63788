package io.millrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
    private static final long START = 1_000;

    @Test
    void requestsAreDueAtFixedTimes() {
        var loop = new OpenLoop(START, 30, 10);

        assertThat(loop.isDue(START - 1)).isFalse();
        assertThat(loop.isDue(START)).isTrue();
        assertThat(loop.take()).isEqualTo(START);
        assertThat(loop.isDue(START + 9)).isFalse();
        assertThat(loop.isDue(START + 10)).isTrue();
    }

    @Test
    void aStallCountsForEveryRequestThatItHeldUp() {
        var loop = new OpenLoop(START, 100, 10);
        var waits = new ArrayList<Long>();

        // The broker takes nothing until 55 have passed, then everything at once.
        long now = START + 55;
        while (loop.isDue(now)) {
            waits.add(now - loop.take());
        }

        assertThat(waits).containsExactly(55L, 45L, 35L, 25L, 15L, 5L);
    }

    @Test
    void aLateRequestDoesNotShiftThoseAfterIt() {
        var loop = new OpenLoop(START, 100, 10);

        loop.take();
        assertThat(loop.isDue(START + 29)).isTrue();
        assertThat(loop.take()).isEqualTo(START + 10);
        assertThat(loop.take()).isEqualTo(START + 20);
        assertThat(loop.isDue(START + 29)).isFalse();
    }

    @Test
    void asManyAreSentAsTheRateAsksForAndNoneAfterTheEnd() {
        var loop = new OpenLoop(START, 1_000, 3.3);
        int sent = 0;
        long last = 0;
        while (loop.isDue(START + 5_000)) {
            last = loop.take();
            sent++;
        }

        assertThat(sent).isEqualTo(304);
        assertThat(last).isLessThan(START + 1_000);
        assertThat(loop.isFinished()).isTrue();
    }

    @Test
    void aClockThatRunsOverTheEndOfLongsChangesNothing() {
        var loop = new OpenLoop(Long.MAX_VALUE - 5, 30, 10);

        assertThat(loop.take()).isEqualTo(Long.MAX_VALUE - 5);
        assertThat(loop.isDue(Long.MAX_VALUE)).isFalse();
        assertThat(loop.isDue(Long.MIN_VALUE + 20)).isTrue();
    }
}
