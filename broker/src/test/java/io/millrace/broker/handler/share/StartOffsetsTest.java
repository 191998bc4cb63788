package io.millrace.broker.handler.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.TestPartition;
import io.millrace.storage.Durability;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartOffsetsTest {
    private static final String TEN_MS_BACK = StartOffsets.BY_DURATION + "PT0.01S";

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FlushQueue flushes = new FlushQueue(1);
    private long nowMs;

    @TempDir private Path folder;

    @AfterEach
    void stop() {
        flushes.close();
        channel.finishAndReleaseAll();
    }

    @Test
    void aQueueBeginsAtNoEndThatMayGoBack() {
        OwnerLoop loop = new Loops(channel.eventLoop(), () -> nowMs).ownerOf("t", 0);
        Partition partition = TestPartition.of("t", loop, flushes, Durability.OS, folder);
        TestPartition.becomesLeaderThatKnowsLess(partition);

        assertThat(StartOffsets.of(partition, "earliest", false)).hasValue(0);
        assertThat(StartOffsets.of(partition, "latest", false)).isEmpty();
        assertThat(StartOffsets.of(partition, TEN_MS_BACK, false)).hasValue(0);
        nowMs = 25;
        assertThat(StartOffsets.of(partition, TEN_MS_BACK, false)).isEmpty();

        partition.fetchedBy(2, 1, 2);
        assertThat(StartOffsets.of(partition, "latest", true)).hasValue(2);
        assertThat(StartOffsets.of(partition, TEN_MS_BACK, true)).hasValue(1);
    }
}
