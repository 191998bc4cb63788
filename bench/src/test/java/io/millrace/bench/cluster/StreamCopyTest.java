package io.millrace.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamCopyTest {
    @Test
    void itCopiesAllAndLeavesNothing(@TempDir Path folder) throws IOException {
        double rate = StreamCopy.megabytesPerSecond(folder, 3_000_001);

        assertThat(rate).isPositive();
        assertThat(folder).isEmptyDirectory();
    }
}
