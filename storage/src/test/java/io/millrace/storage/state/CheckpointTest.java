package io.millrace.storage.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    private static Checkpoint checkpoint(long highWatermark, boolean synced) {
        return new Checkpoint(
                3,
                90,
                40,
                highWatermark,
                synced,
                synced,
                false,
                List.of(new Checkpoint.StoredSegment(0, 500, 90, 1000, 2000, true)),
                List.of(new LeaderEpochs.Start(0, 3), new LeaderEpochs.Start(4, 70)),
                List.of(new Quarantine.Range(0, 100, 200, 20, 30)),
                ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void whatIsWrittenIsRead() {
        for (boolean synced : new boolean[] {false, true}) {
            Checkpoint written = checkpoint(77, synced);
            assertThat(Checkpoint.decode(written.encode())).isEqualTo(written);
        }
    }

    @Test
    void oneOfTheVersionBeforeHasNoHighWatermark() {
        ByteBuffer now = checkpoint(77, true).encode();
        var before = ByteBuffer.allocate(now.remaining() - 9);
        before.putInt(0).put((byte) 3).put(now.slice(5, 24)).put(now.slice(38, now.limit() - 38));
        before.flip();
        var crc = new CRC32C();
        crc.update(before.duplicate().position(4));
        before.putInt(0, (int) crc.getValue());

        assertThat(Checkpoint.decode(before))
                .isEqualTo(checkpoint(Checkpoint.NO_HIGH_WATERMARK, false));
    }

    @Test
    void oneThatEndsTooEarlyIsNone() {
        ByteBuffer whole = checkpoint(77, true).encode();
        for (int size = 0; size < whole.limit(); size++) {
            assertThat(Checkpoint.decode(whole.slice(0, size))).isNull();
        }
    }
}
