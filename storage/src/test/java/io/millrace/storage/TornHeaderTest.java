package io.millrace.storage;

import static io.millrace.storage.TestLogs.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A loss of power leaves what the disk had before in one sector, which held the first ten bytes of
 * a batch. Seed 319364325 of the clusters' simulation.
 */
final class TornHeaderTest {
    private static final int FIRST_BYTES = 10;
    private static final int SECTOR_BYTES = 512;

    private final TestLogs logs = new TestLogs();
    @TempDir Path home = Path.of("unset");

    @AfterEach
    void stop() {
        logs.close();
    }

    private PartitionLog open() {
        return PartitionLog.open(
                logs.environment(home, Durability.FSYNC),
                home.resolve("t-0"),
                TestLogs.smallSegments(1 << 20),
                logs,
                1000);
    }

    /** The last of these batches, and two more, lie behind ten bytes of the first sector. */
    private void fill(int... valueBytes) throws IOException {
        PartitionLog log = open();
        for (int bytes : valueBytes) {
            append(log, "v".repeat(bytes));
        }
        assertThat(log.sizeBytes()).isEqualTo(SECTOR_BYTES - FIRST_BYTES);
        append(log, "torn");
        append(log, "behind");
        append(log, "farther");
        Path file = home.resolve("t-0").resolve("00000000000000000000.log");
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(FIRST_BYTES), SECTOR_BYTES - FIRST_BYTES);
        }
    }

    private static void append(PartitionLog log, String value) {
        ByteBuffer batch =
                new BatchBuilder(log.logEndOffset(), Codec.NONE, Codec.DEFAULT_LEVEL)
                        .leaderEpoch(0)
                        .add(1000, bytes("k"), bytes(value))
                        .build();
        assertThat(log.appendAsReplica(batch, 1000)).isInstanceOf(ReplicaAppend.Appended.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aBatchWhoseFirstBytesNeverReachedTheDiskIsCut() throws IOException {
        fill(14, 14, 14, 14, 14, 18);

        PartitionLog again = open();

        assertThat(logs.events).containsExactly("truncated at " + (SECTOR_BYTES - FIRST_BYTES));
        assertThat(again.quarantined()).isEmpty();
        assertThat(again.logEndOffset()).isEqualTo(6);
        append(again, "after");
        assertThat(read(again, 6)).containsExactly("6:k=after");
    }

    /** The offset 4 is one bit away from the zeros that are there: it may be a flipped bit. */
    @Test
    void whereOneFlippedBitExplainsTheZerosItIsQuarantined() throws IOException {
        fill(56, 56, 56, 57);

        PartitionLog again = open();

        assertThat(logs.events).containsExactly("quarantined 4-5");
        assertThat(read(again, 5)).containsExactly("5:k=behind", "6:k=farther");
    }
}
