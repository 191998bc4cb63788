package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Controller;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Liveness;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.NodeImage.Registration;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.NotControllerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class NodeLifeTest {
    private static final int SESSION_MS = 9_000;
    private static final NodeImage NODE = node(1, 11, 12);

    private final FakeController controller = new FakeController();
    private final List<String> refusals = new ArrayList<>();
    private final NodeLife life =
            new NodeLife(
                    controller, Runnable::run, new NodeLife.Settings(NODE, false), refusals::add);
    private long nowMs;

    private static NodeImage node(int id, long incarnation, long directory) {
        return new NodeImage(
                id,
                "host",
                9092,
                "",
                new Registration(
                        0, new UUID(0, incarnation), new UUID(0, directory), false, false));
    }

    /** Decides at once, without a quorum, unless it is away. */
    private final class FakeController implements ControllerClient {
        private final Liveness liveness = new Liveness(SESSION_MS);
        private final List<Heartbeat> beats = new ArrayList<>();
        private ClusterImage image = ClusterImage.empty("c");
        private int registrations;
        private boolean away;
        private boolean silent;

        @Override
        public ClusterImage image() {
            return image;
        }

        @Override
        public CompletableFuture<Outcome> submit(List<? extends Command> commands) {
            registrations++;
            if (away) {
                return CompletableFuture.failedFuture(
                        new NotControllerException(OptionalInt.empty(), 0));
            }
            return CompletableFuture.completedFuture(
                    new Outcome(commands.stream().map(this::decide).toList(), image));
        }

        Decision decide(Command command) {
            Decision decision = Controller.decide(image, command, Policy.DEFAULT);
            if (decision instanceof Accepted(List<MetadataRecord> records)) {
                var builder = new ImageBuilder(image);
                records.forEach(builder::apply);
                image = builder.build(image.endOffset() + records.size());
            }
            return decision;
        }

        @Override
        public CompletableFuture<Beat> heartbeat(Heartbeat heartbeat) {
            beats.add(heartbeat);
            if (silent) {
                return new CompletableFuture<>();
            }
            if (away) {
                return CompletableFuture.failedFuture(
                        new NotControllerException(OptionalInt.empty(), 0));
            }
            Beat beat = liveness.heard(image, heartbeat, nowMs);
            if (beat.change() != null) {
                decide(beat.change());
            }
            return CompletableFuture.completedFuture(beat);
        }

        Registration registration() {
            return Objects.requireNonNull(image.nodes().get(NODE.id())).registration();
        }
    }

    private void pass(long ms) {
        for (long endMs = nowMs + ms; nowMs < endMs; nowMs += 50) {
            life.tick(nowMs);
        }
    }

    @Test
    void aNodeIsReadySoonAfterItsStart() {
        pass(200);
        boolean beforeStart = controller.registrations > 0;
        life.start();
        pass(300);

        assertThat(beforeStart).isFalse();
        assertThat(life.ready()).isCompleted();
        assertThat(controller.image.isActive(1)).isTrue();
        assertThat(controller.registrations).isEqualTo(1);
        assertThat(refusals).isEmpty();
    }

    @Test
    void itIsHeardOfNowAndThen() {
        life.start();
        pass(1_000);
        int before = controller.beats.size();
        pass(20_000);

        assertThat(controller.beats.size() - before).isEqualTo(10);
        assertThat(controller.beats.getLast().metadataOffset())
                .isEqualTo(controller.image.endOffset());
    }

    @Test
    void itKeepsRegisteringUntilThereIsAController() {
        controller.away = true;
        life.start();
        pass(1_000);
        int attempts = controller.registrations;
        controller.away = false;
        pass(300);

        assertThat(attempts).isEqualTo(10);
        assertThat(life.ready()).isCompleted();
    }

    @Test
    void itRegistersAgainIfItIsNotKnown() {
        life.start();
        pass(1_000);
        controller.decide(new Command.UnregisterNode(1));
        pass(2_500);

        assertThat(controller.registrations).isEqualTo(2);
        assertThat(controller.image.isActive(1)).isTrue();
    }

    @Test
    void itFindsItsRegistrationIfThatWasMadeAnew() {
        life.start();
        pass(1_000);
        var late = controller.registration();
        controller.decide(
                new Command.RegisterNode(
                        NODE.with(
                                new Registration(
                                        0, late.incarnation(), late.directory(), true, false))));
        pass(500);

        assertThat(controller.registration().epoch()).isGreaterThan(late.epoch());
        assertThat(controller.image.isActive(1)).isTrue();
    }

    @Test
    void itSaysThatAnotherNodeHasItsId() {
        controller.decide(new Command.RegisterNode(node(1, 77, 78)));
        life.start();
        pass(NodeLife.Settings.DUPLICATE_MS - 1_000);
        boolean early = !refusals.isEmpty();
        pass(2_000);
        int attempts = controller.registrations;
        pass(5_000);

        assertThat(early).isFalse();
        assertThat(refusals).hasSize(1);
        assertThat(controller.registrations).isEqualTo(attempts);
        assertThat(controller.beats).isEmpty();
        assertThat(life.ready()).isNotDone();
    }

    @Test
    void itWaitsForTheSessionOfItsLifeBeforeItLostItsDisk() {
        controller.decide(new Command.RegisterNode(node(1, 77, 78)));
        long epoch = controller.registration().epoch();
        life.start();
        pass(SESSION_MS);
        controller.decide(new Command.ChangeNode(1, epoch, true, false));
        pass(500);

        assertThat(refusals).isEmpty();
        assertThat(life.ready()).isCompleted();
        assertThat(controller.registration().directory()).isEqualTo(new UUID(0, 12));
    }

    @Test
    void aFencedNodeComesBackSoon() {
        life.start();
        pass(1_000);
        controller.decide(
                new Command.ChangeNode(1, controller.registration().epoch(), true, false));
        pass(200);

        assertThat(controller.image.isActive(1)).isTrue();
    }

    @Test
    void anAnswerThatNeverComesIsNotWaitedForLong() {
        life.start();
        pass(1_000);
        controller.silent = true;
        pass(2_500);
        controller.silent = false;
        int before = controller.beats.size();
        pass(2_500);

        assertThat(controller.beats.size()).isGreaterThan(before);
    }

    @Test
    void itStopsWhenItLeadsNothingAnyMore() {
        controller.decide(new Command.RegisterNode(node(2, 21, 22)));
        life.start();
        pass(1_000);
        controller.decide(
                new Command.CreateTopic(
                        new UUID(5, 5),
                        "t",
                        2,
                        2,
                        List.of(List.of(1, 2), List.of(2, 1)),
                        java.util.Map.of()));

        var stopped = life.shutDown(5_000);
        pass(500);
        int beats = controller.beats.size();
        pass(5_000);

        assertThat(stopped).isCompletedWithValue(true);
        assertThat(controller.registration().shuttingDown()).isTrue();
        assertThat(Objects.requireNonNull(controller.image.topic("t")).partitions())
                .allMatch(partition -> partition.leader() == 2);
        assertThat(controller.beats).hasSize(beats);
    }

    @Test
    void itStopsUnheardOfInTheEnd() {
        controller.decide(new Command.RegisterNode(node(2, 21, 22)));

        stopsUnheardOf(3_000, 2_900, 3_200);
    }

    @Test
    void itGivesUpBeforeIfNoControllerAnswers() {
        controller.decide(new Command.RegisterNode(node(2, 21, 22)));

        stopsUnheardOf(30_000, 4_500, 5_500);
    }

    /** With no controller there, it stops between two times, and says that nobody let it go. */
    private void stopsUnheardOf(long patienceMs, long afterMs, long beforeMs) {
        life.start();
        pass(1_000);
        controller.away = true;
        var stopped = life.shutDown(patienceMs);
        pass(afterMs);
        boolean early = stopped.isDone();
        pass(beforeMs - afterMs);

        assertThat(early).isFalse();
        assertThat(stopped).isCompletedWithValue(false);
    }

    @Test
    void itGivesUpSoonIfNobodyIsThereToLeadInstead() {
        life.start();
        pass(1_000);
        controller.away = true;
        var stopped = life.shutDown(30_000);
        pass(1_100);

        assertThat(stopped).isCompletedWithValue(false);
    }

    @Test
    void oneThatMayStopWaitsForOthersThatWantTo() {
        controller.decide(new Command.RegisterNode(node(2, 21, 22)));
        long other = Objects.requireNonNull(controller.image.nodes().get(2)).registration().epoch();
        life.start();
        pass(1_000);
        controller.decide(new Command.ChangeNode(2, other, false, true));
        var stopped = life.shutDown(30_000);
        pass(500);
        boolean early = stopped.isDone();
        boolean fenced = controller.registration().fenced();
        controller.decide(new Command.ChangeNode(2, other, true, true));
        pass(100);

        assertThat(early).isFalse();
        assertThat(fenced).isTrue();
        assertThat(stopped).isCompletedWithValue(true);
    }

    @Test
    void itWaitsForThemNoLongerThanItMust() {
        controller.decide(new Command.RegisterNode(node(2, 21, 22)));
        long other = Objects.requireNonNull(controller.image.nodes().get(2)).registration().epoch();
        life.start();
        pass(1_000);
        controller.decide(new Command.ChangeNode(2, other, false, true));
        var stopped = life.shutDown(30_000);
        pass(3_500);

        assertThat(stopped).isCompletedWithValue(true);
    }

    @Test
    void whatNeverBeganIsOverAtOnce() {
        assertThat(life.shutDown(3_000)).isCompletedWithValue(true);
    }
}
