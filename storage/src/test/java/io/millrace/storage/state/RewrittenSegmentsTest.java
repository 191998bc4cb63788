package io.millrace.storage.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.state.RewrittenSegments.DataFile;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewrittenSegmentsTest {
    private static final RewrittenSegments SOME =
            RewrittenSegments.NONE
                    .with(List.of(new DataFile(900, 10), new DataFile(0, 500)))
                    .with(List.of(new DataFile(0, 200), new DataFile(0, 500)));

    @Test
    void whatIsWrittenIsRead() {
        assertThat(SOME.files())
                .containsExactly(new DataFile(0, 200), new DataFile(0, 500), new DataFile(900, 10));
        assertThat(RewrittenSegments.decode(SOME.encode())).isEqualTo(SOME);
        assertThat(RewrittenSegments.decode(RewrittenSegments.NONE.encode()))
                .isEqualTo(RewrittenSegments.NONE);
    }

    @Test
    void aFolderWithoutTheFileHasNone() {
        assertThat(RewrittenSegments.decode(ByteBuffer.allocate(0)))
                .isEqualTo(RewrittenSegments.NONE);
    }

    @Test
    void oneThatIsDamagedIsNotBelieved() {
        ByteBuffer whole = SOME.encode();
        for (int size = 1; size < whole.limit(); size++) {
            assertThat(RewrittenSegments.decode(whole.slice(0, size))).isNull();
        }
        for (int bit = 0; bit < 8 * whole.limit(); bit++) {
            ByteBuffer changed = SOME.encode();
            changed.put(bit / 8, (byte) (changed.get(bit / 8) ^ 1 << bit % 8));
            assertThat(RewrittenSegments.decode(changed)).isNull();
        }
    }
}
