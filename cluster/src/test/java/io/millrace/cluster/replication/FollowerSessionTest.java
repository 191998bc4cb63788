package io.millrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cluster.replication.FollowerSession.Ask;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FollowerSessionTest {
    private static final int SEEDS = 300;
    private static final int ROUNDS = 400;
    private static final int PARTITIONS = 8;

    @Test
    void onlyWhatHasChangedIsSaid() {
        var session = new FollowerSession<String, Integer>();

        var first = session.ask(Map.of("a", 1, "b", 1, "c", 1));
        session.answered(7);
        var second = session.ask(Map.of("a", 1, "b", 2, "d", 1));

        assertThat(first).isEqualTo(new Ask<>(0, 0, Map.of("a", 1, "b", 1, "c", 1), List.of()));
        assertThat(second).isEqualTo(new Ask<>(7, 1, Map.of("b", 2, "d", 1), List.of("c")));
    }

    @Test
    void aLeaderThatOpensNoSessionIsToldEverythingEachTime() {
        var session = new FollowerSession<String, Integer>();

        session.ask(Map.of("a", 1));
        session.answered(FollowerSession.NONE);

        assertThat(session.ask(Map.of("a", 1)))
                .isEqualTo(new Ask<>(0, 0, Map.of("a", 1), List.of()));
    }

    @Test
    void afterAFailureTheOldSessionIsClosedByOneThatBegins() {
        var session = new FollowerSession<String, Integer>();
        session.ask(Map.of("a", 1));
        session.answered(7);
        session.ask(Map.of("a", 1));
        session.failed();

        assertThat(session.ask(Map.of("a", 1)))
                .isEqualTo(new Ask<>(7, 0, Map.of("a", 1), List.of()));
    }

    @Test
    void anAnswerInAnotherSessionIsNotTaken() {
        var session = new FollowerSession<String, Integer>();
        session.ask(Map.of("a", 1));
        session.answered(7);
        session.ask(Map.of("a", 2));

        assertThat(session.answered(8)).isFalse();
        assertThat(session.ask(Map.of("a", 2)).epoch()).isZero();
    }

    @Test
    void nothingIsAskedWhileAnAnswerIsDue() {
        var session = new FollowerSession<String, Integer>();
        session.ask(Map.of("a", 1));

        assertThatThrownBy(() -> session.ask(Map.of("a", 1)))
                .isInstanceOf(IllegalStateException.class);
    }

    /** The leader restarts, evicts sessions, has none to give; requests and answers are lost. */
    @Test
    void whatTheLeaderFetchesIsWhatTheFollowerWants() {
        Seeds.each(SEEDS, FollowerSessionTest::play);
    }

    private static long play(long seed) {
        var random = new Random(seed);
        var session = new FollowerSession<Integer, Integer>();
        var leader = new Leader();
        Map<Integer, Integer> before = Map.of();
        int inSession = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Map<Integer, Integer> wants = changed(before, random);
            Ask<Integer, Integer> ask = session.ask(wants);
            if (ask.epoch() > 0) {
                assertThat(ask.wanted().entrySet()).doesNotContainAnyElementsOf(before.entrySet());
                assertThat(ask.forgotten()).allMatch(before::containsKey);
                inSession++;
            }
            before = wants;
            leader.befall(random);
            if (random.nextInt(20) == 0) {
                session.failed();
                continue;
            }
            Integer id = leader.handle(ask, random);
            if (id == null || random.nextInt(20) == 0) {
                session.failed();
                continue;
            }
            assertThat(leader.fetched).as("round %d", round).isEqualTo(wants);
            assertThat(session.answered(id)).isTrue();
        }
        assertThat(inSession).isGreaterThan(ROUNDS / 4);
        return ROUNDS;
    }

    private static Map<Integer, Integer> changed(Map<Integer, Integer> before, Random random) {
        var wants = new LinkedHashMap<>(before);
        for (int change = random.nextInt(4); change > 0 || wants.isEmpty(); change--) {
            int partition = random.nextInt(PARTITIONS);
            if (random.nextInt(3) == 0) {
                wants.remove(partition);
            } else {
                wants.put(partition, random.nextInt(3));
            }
        }
        return wants;
    }

    /** What KIP-227 has the leader do. */
    private static final class Leader {
        private final Map<Integer, Session> sessions = new HashMap<>();
        Map<Integer, Integer> fetched = Map.of();
        private int ids;

        private static final class Session {
            final Map<Integer, Integer> wants;
            int nextEpoch = 1;

            Session(Map<Integer, Integer> wants) {
                this.wants = new HashMap<>(wants);
            }
        }

        void befall(Random random) {
            if (random.nextInt(15) == 0) {
                sessions.clear();
            }
        }

        /** The session of the answer; null if it is an error of the session. */
        @Nullable Integer handle(Ask<Integer, Integer> ask, Random random) {
            if (ask.epoch() == 0) {
                sessions.remove(ask.id());
                fetched = ask.wanted();
                if (random.nextInt(10) == 0) {
                    return 0;
                }
                sessions.put(++ids, new Session(ask.wanted()));
                return ids;
            }
            Session session = sessions.get(ask.id());
            if (session == null || session.nextEpoch != ask.epoch()) {
                return null;
            }
            session.nextEpoch++;
            ask.forgotten().forEach(session.wants::remove);
            session.wants.putAll(ask.wanted());
            fetched = session.wants;
            return ask.id();
        }
    }
}
