package io.millrace.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AnswerDecoderTest {
    private static final int LARGEST_BYTES = 400_000;
    private static final int SEEDS = 40;
    private static final int ANSWERS = 100;

    private final AnswerMemory kept = AnswerMemory.kept();
    private final List<byte[]> answers = new ArrayList<>();
    private final List<ByteBuffer> places = new ArrayList<>();

    private EmbeddedChannel channel(boolean keeps) {
        return new EmbeddedChannel(
                new AnswerDecoder(LARGEST_BYTES, () -> keeps ? kept : AnswerMemory.once()) {
                    @Override
                    void answered(ChannelHandlerContext context, ByteBuffer answer) {
                        var copy = new byte[answer.remaining()];
                        places.add(answer.duplicate());
                        answer.get(copy);
                        answers.add(copy);
                    }
                });
    }

    @Test
    void answersComeWholeHoweverTheStreamIsCut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            answers.clear();
            var sent = new ArrayList<byte[]>();
            ByteBuf stream = Unpooled.buffer();
            for (int i = 0; i < ANSWERS; i++) {
                int bound = random.nextInt(10) == 0 ? LARGEST_BYTES : 2_000;
                var answer = new byte[1 + random.nextInt(bound)];
                random.nextBytes(answer);
                sent.add(answer);
                stream.writeInt(answer.length).writeBytes(answer);
            }
            EmbeddedChannel channel = channel(random.nextBoolean());
            while (stream.isReadable()) {
                int piece = Math.min(stream.readableBytes(), 1 + random.nextInt(70_000));
                channel.writeInbound(stream.readBytes(piece));
            }
            stream.release();

            assertThat(answers).as("seed %d", seed).hasSameSizeAs(sent);
            for (int i = 0; i < ANSWERS; i++) {
                assertThat(answers.get(i)).as("seed %d, answer %d", seed, i).isEqualTo(sent.get(i));
            }
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void anAnswerThatWasKeptOnceIsNotWrittenOver() {
        EmbeddedChannel channel = channel(false);
        channel.writeInbound(answer(1), answer(2));

        assertThat(places.getFirst().get()).isEqualTo((byte) 1);
        channel.finishAndReleaseAll();
    }

    @Test
    void whatALengthPromisesIsNotAllocated() {
        EmbeddedChannel channel = channel(true);
        channel.writeInbound(Unpooled.buffer().writeInt(LARGEST_BYTES).writeByte(1));

        assertThat(kept.begin(1).capacity()).isLessThan(LARGEST_BYTES / 4);
        channel.finishAndReleaseAll();
    }

    @Test
    void aLargeMemoryIsGivenUpAfterARowOfSmallAnswers() {
        EmbeddedChannel channel = channel(true);
        channel.writeInbound(
                Unpooled.buffer().writeInt(LARGEST_BYTES).writeBytes(new byte[LARGEST_BYTES]));
        int large = places.getFirst().capacity();
        for (int i = 0; i < 100; i++) {
            channel.writeInbound(answer(i));
        }

        assertThat(large).isEqualTo(LARGEST_BYTES);
        assertThat(places.getLast().capacity()).isLessThan(LARGEST_BYTES / 4);
        channel.finishAndReleaseAll();
    }

    @Test
    void aLengthThatIsNotAllowedBreaksTheConnection() {
        for (int length : new int[] {0, -1, LARGEST_BYTES + 1}) {
            EmbeddedChannel channel = channel(true);
            assertThatThrownBy(() -> channel.writeInbound(Unpooled.buffer().writeInt(length)))
                    .hasMessageContaining("an answer of %d bytes".formatted(length));
            channel.finishAndReleaseAll();
        }
    }

    private static ByteBuf answer(int content) {
        return Unpooled.buffer().writeInt(1).writeByte(content);
    }
}
