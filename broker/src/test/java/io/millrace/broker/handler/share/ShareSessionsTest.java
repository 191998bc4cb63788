package io.millrace.broker.handler.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.handler.share.ShareSession.Key;
import io.millrace.broker.handler.share.ShareSession.Target;
import io.millrace.broker.wire.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

final class ShareSessionsTest {
    private static final Uuid TOPIC = new Uuid(1, 2);

    private final ConcurrentHashMap<Key, ShareSession> newest = new ConcurrentHashMap<>();
    private final List<ShareSession> left = new ArrayList<>();
    private final ShareSessions sessions = new ShareSessions(10, 30_000, newest, left::add);
    private final Client client = new Client("/h", "h:1", 1);

    private ShareSession open(String member) {
        return open(sessions, member, client);
    }

    private static ShareSession open(ShareSessions sessions, String member, Client client) {
        return Objects.requireNonNull(sessions.open(new Key("g", member), client, 0).session());
    }

    private static List<Target> targets(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> new Target(TOPIC, i)).toList();
    }

    @Test
    void aSessionEndsWithTheConnectionThatItsMemberWasLastHeardOn() {
        ShareSession one = open("one");
        var later = new Client("/h", "h:2", 2);
        open(sessions, "other", later);
        sessions.find(one.key(), one.epoch(), later, 0);

        client.endings().run();
        assertThat(left).isEmpty();
        later.endings().run();
        assertThat(left).extracting(session -> session.key().member()).contains("one", "other");
        assertThat(sessions.find(one.key(), one.epoch(), client, 0).error())
                .isEqualTo(Errors.SHARE_SESSION_NOT_FOUND);
    }

    @Test
    void anEndedSessionIsNotToldOfWhileItsMemberHasANewerOneOnAnotherLoop() {
        open("one");
        var elsewhere = new ShareSessions(10, 30_000, newest, left::add);
        var later = new Client("/h", "h:2", 2);
        ShareSession newer = open(elsewhere, "one", later);

        client.endings().run();
        assertThat(left).isEmpty();
        later.endings().run();
        assertThat(left).containsExactly(newer);
    }

    @Test
    void aSlotIsFreeOnceTheConnectionOfItsSessionHasEnded() {
        var single = new ShareSessions(1, 30_000, newest, left::add);
        open(single, "one", client);
        var later = new Client("/h", "h:2", 2);
        assertThat(single.open(new Key("g", "two"), later, 0).error())
                .isEqualTo(Errors.SHARE_SESSION_LIMIT_REACHED);

        client.endings().run();
        assertThat(single.open(new Key("g", "two"), later, 0).error()).isEqualTo(Errors.NONE);
    }

    @Test
    void nothingIsToldOfOnceTheBrokerStops() {
        open("one");
        sessions.stop();
        open("two");
        client.endings().run();

        assertThat(left).isEmpty();
    }

    @Test
    void aSessionThatNamesTooManyPartitionsIsClosed() {
        ShareSession one = open("one");
        assertThat(sessions.update(one, targets(0, 20_000), List.of())).isEqualTo(Errors.NONE);
        assertThat(sessions.update(one, targets(0, 20_000), List.of())).isEqualTo(Errors.NONE);

        assertThat(sessions.update(one, targets(20_000, 20_001), List.of()))
                .isEqualTo(Errors.SHARE_SESSION_LIMIT_REACHED);
        assertThat(sessions.find(one.key(), one.epoch(), client, 0).error())
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
        sessions.find(two.key(), ShareSession.FINAL_EPOCH, client, 0);
        ShareSession oneAgain = open("one");
        assertThat(sessions.update(oneAgain, targets(0, 20_000), List.of())).isEqualTo(Errors.NONE);
        assertThat(sessions.update(open("four"), targets(0, 10_000), List.of()))
                .isEqualTo(Errors.NONE);
    }
}
