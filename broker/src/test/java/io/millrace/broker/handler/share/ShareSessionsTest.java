package io.millrace.broker.handler.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.handler.share.ShareSession.Key;
import io.millrace.broker.handler.share.ShareSession.Target;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

final class ShareSessionsTest {
    private static final Uuid TOPIC = new Uuid(1, 2);

    private final ShareSessions sessions = new ShareSessions(10, 30_000);

    private ShareSession open(String member) {
        return Objects.requireNonNull(sessions.open(new Key("g", member), 0).session());
    }

    private static List<Target> targets(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> new Target(TOPIC, i)).toList();
    }

    @Test
    void aSessionThatNamesTooManyPartitionsIsClosed() {
        ShareSession one = open("one");
        assertThat(sessions.update(one, targets(0, 20_000), List.of())).isEqualTo(Errors.NONE);
        assertThat(sessions.update(one, targets(0, 20_000), List.of())).isEqualTo(Errors.NONE);

        assertThat(sessions.update(one, targets(20_000, 20_001), List.of()))
                .isEqualTo(Errors.SHARE_SESSION_LIMIT_REACHED);
        assertThat(sessions.find(one.key(), one.epoch(), 0).error())
                .isEqualTo(Errors.SHARE_SESSION_NOT_FOUND);
    }

    @Test
    void allSessionsTogetherNameABoundedNumberOfPartitionsAndGiveThemBack() {
        ShareSession one = open("one");
        ShareSession two = open("two");
        assertThat(sessions.update(one, targets(0, 15_000), List.of())).isEqualTo(Errors.NONE);
        assertThat(sessions.update(two, targets(0, 15_000), List.of())).isEqualTo(Errors.NONE);
        ShareSession three = open("three");
        assertThat(sessions.update(three, targets(0, 1), List.of()))
                .isEqualTo(Errors.SHARE_SESSION_LIMIT_REACHED);

        sessions.update(one, List.of(), targets(0, 5_000));
        three = open("three");
        assertThat(sessions.update(three, targets(0, 5_000), List.of())).isEqualTo(Errors.NONE);
        sessions.close(three);
        sessions.find(two.key(), ShareSession.FINAL_EPOCH, 0);
        ShareSession oneAgain = open("one");
        assertThat(sessions.update(oneAgain, targets(0, 20_000), List.of()))
                .isEqualTo(Errors.NONE);
        assertThat(sessions.update(open("four"), targets(0, 10_000), List.of()))
                .isEqualTo(Errors.NONE);
    }
}
