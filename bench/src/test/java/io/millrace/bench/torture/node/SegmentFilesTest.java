package io.millrace.bench.torture.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.torture.node.SegmentFiles.Located;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of a replica's files without its broker. */
final class SegmentFilesTest {
    @TempDir Path folder = Path.of("unset");

    private void write(String segment, long offset) throws IOException {
        var builder = new BatchBuilder(offset, Codec.NONE, Codec.DEFAULT_LEVEL);
        builder.add(1, new byte[] {1}, new byte[] {2});
        builder.add(1, new byte[] {1}, new byte[] {3});
        ByteBuffer batch = builder.build();
        byte[] bytes = new byte[batch.remaining()];
        batch.get(bytes);
        Files.write(
                folder.resolve(segment),
                bytes,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    @Test
    void batchesComeInTheOrderOfTheFiles() throws IOException {
        write("00000000000000000004.log", 4);
        write("00000000000000000000.log", 0);
        write("00000000000000000000.log", 2);
        Files.writeString(folder.resolve("00000000000000000000.index"), "no batch");

        assertThat(SegmentFiles.of(folder))
                .extracting(one -> one.batch().baseOffset() + "-" + one.batch().endOffset())
                .containsExactly("0-2", "2-4", "4-6");
    }

    @Test
    void aFolderThatIsNotThereHoldsNothing() throws IOException {
        assertThat(SegmentFiles.of(folder.resolve("none"))).isEmpty();
    }

    @Test
    void aBitThatIsFlippedMakesAnotherBatchOfIt() throws IOException {
        write("00000000000000000000.log", 0);
        write("00000000000000000000.log", 2);
        List<Located> before = SegmentFiles.of(folder);
        Located second = before.get(1);

        SegmentFiles.flip(second, second.bytes() * Byte.SIZE - 1);

        List<Located> after = SegmentFiles.of(folder);
        assertThat(after.get(0)).isEqualTo(before.get(0));
        assertThat(after.get(1).batch().hash()).isNotEqualTo(second.batch().hash());

        SegmentFiles.flip(second, second.bytes() * Byte.SIZE - 1);

        assertThat(SegmentFiles.of(folder)).isEqualTo(before);
    }

    @Test
    void aTornBatchAtTheEndIsLeftOut() throws IOException {
        write("00000000000000000000.log", 0);
        byte[] whole = Files.readAllBytes(folder.resolve("00000000000000000000.log"));
        Files.write(
                folder.resolve("00000000000000000000.log"),
                java.util.Arrays.copyOf(whole, whole.length - 5),
                StandardOpenOption.APPEND);

        assertThat(SegmentFiles.of(folder)).hasSize(1);
    }
}
