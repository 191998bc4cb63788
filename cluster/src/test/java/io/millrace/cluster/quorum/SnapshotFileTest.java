package io.millrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.MetadataSnapshot;
import io.millrace.storage.disk.RealDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotFileTest {
    private static final long END = 77;

    @TempDir Path folder = Path.of("unset");

    private SnapshotFile file() {
        return new SnapshotFile(new RealDisk(), folder);
    }

    /** More than the buffers on the way hold. */
    private static List<MetadataRecord> records() {
        var records = new ArrayList<MetadataRecord>();
        var partition = PartitionImage.created(0, List.of(1, 2, 3));
        for (int i = 0; i < 50; i++) {
            records.add(
                    Records.topicCreated(
                            new UUID(1, i), "topic-" + i, Collections.nCopies(1_000, partition)));
            records.add(Records.producerIdsAllocated(i));
        }
        return records;
    }

    private List<MetadataRecord> read() throws IOException {
        var read = new ArrayList<MetadataRecord>();
        long end =
                file().read((records, endOffset) -> {
                    assertThat(endOffset).isEqualTo(END);
                    records.forEachRemaining(read::add);
                });
        assertThat(end).isEqualTo(END);
        return read;
    }

    @Test
    void whatIsWrittenIsReadAndTheNewestTakesTheOldOnesPlace() throws IOException {
        assertThat(file().read((records, endOffset) -> records.next())).isZero();

        file().write(List.of(Records.producerIdsAllocated(5)).iterator(), END - 1);
        file().write(records().iterator(), END);

        assertThat(read()).isEqualTo(records());
        assertThat(new RealDisk().list(folder)).containsExactly("snapshot");
    }

    @Test
    void theBytesAreThoseOfOneMessage() throws IOException {
        file().write(records().iterator(), END);
        byte[] bytes = Files.readAllBytes(folder.resolve("snapshot"));
        var message =
                MetadataSnapshot.newBuilder().setEndOffset(END).addAllRecords(records()).build();

        assertThat(bytes).endsWith(message.toByteArray());
        assertThat(bytes).hasSize(12 + message.getSerializedSize());
        var read = new ArrayList<MetadataRecord>();
        SnapshotCodec.read(new ByteArrayInputStream(message.toByteArray()))
                .forEachRemaining(read::add);
        assertThat(read).isEqualTo(records());
    }

    @Test
    void aChangedByteIsFoundWhereverItIs() throws IOException {
        file().write(records().iterator(), END);
        Path path = folder.resolve("snapshot");
        byte[] bytes = Files.readAllBytes(path);
        for (int at : List.of(0, 5, 12, bytes.length / 2, bytes.length - 1)) {
            byte[] bad = bytes.clone();
            bad[at] ^= 1;
            Files.write(path, bad);
            assertThatThrownBy(this::read).hasMessageContaining("is damaged");
        }
        Files.write(path, new byte[] {1, 2, 3});
        assertThatThrownBy(this::read).hasMessageContaining("is damaged");
    }
}
