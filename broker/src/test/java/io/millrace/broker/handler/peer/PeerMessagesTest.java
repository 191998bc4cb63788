package io.millrace.broker.handler.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.coordinator.QueueCoordinator.Gathered;
import io.millrace.broker.coordinator.QueueCoordinator.Planned;
import io.millrace.broker.proto.PeerAnswer;
import io.millrace.broker.proto.PeerCall;
import io.millrace.broker.proto.QueueName;
import io.millrace.broker.queue.QueueReply;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.Acquisition;
import io.millrace.broker.queue.model.OffsetRange;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.QueueView;
import io.millrace.broker.queue.model.Scan;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.Acquired;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What brokers ask each other arrives as it was meant, or not at all. */
final class PeerMessagesTest {
    private static final QueueKey KEY = new QueueKey("g", new UUID(-3, 7), 12);
    private static final Traits WISHES = new Traits(-5, 1000, Traits.NEVER, 3);

    private static PeerCall sent(PeerCall call) throws Exception {
        return PeerCall.parseFrom(call.toByteArray());
    }

    private static PeerAnswer sent(PeerAnswer answer) throws Exception {
        return PeerAnswer.parseFrom(answer.toByteArray());
    }

    private static QueueRequest.Acquire acquire(Scan scan) {
        var found =
                new Acquisition.Found(
                        List.of(new OffsetRange(3, 3), new OffsetRange(5, Long.MAX_VALUE - 1)),
                        List.of(new OffsetRange(4, 4)),
                        scan);
        return new QueueRequest.Acquire(KEY, new Acquisition("m", 9, true, 2, -77, found));
    }

    @Test
    void requestsArrive() throws Exception {
        var scan =
                new Scan(
                        20,
                        40,
                        List.of(
                                new Scan.Unit(new OffsetRange(20, 25), Traits.PLAIN),
                                new Scan.Unit(new OffsetRange(30, 30), WISHES)),
                        true);
        var batches =
                List.of(
                        new AckBatch(1, 3, List.of((byte) 1, (byte) 0, (byte) 4)),
                        new AckBatch(9, 2, List.of((byte) -7)));
        List<QueueRequest> requests =
                List.of(
                        new QueueRequest.Initialize(KEY, 0),
                        acquire(scan),
                        acquire(Scan.NONE),
                        new QueueRequest.Acknowledge(KEY, "m", batches),
                        new QueueRequest.ReleaseAll(KEY, "m", 0),
                        new QueueRequest.ReleaseAll(KEY, "m", Long.MIN_VALUE),
                        new QueueRequest.TakeBack(KEY, "m", 5),
                        new QueueRequest.Reset(KEY, 77),
                        new QueueRequest.Delete(KEY));

        for (QueueRequest request : requests) {
            assertThat(Calls.request(sent(Calls.of(request)))).isEqualTo(request);
        }
    }

    @ParameterizedTest
    @EnumSource(QueueError.class)
    void repliesArriveWithEveryError(QueueError error) throws Exception {
        var held =
                new QueueReply.Held(
                        error,
                        error == QueueError.NONE
                                ? List.of(new Acquired(new OffsetRange(3, 8), 2))
                                : List.of());
        var plain = new QueueReply.Plain(error);

        assertThat(Answers.held(sent(Answers.of(held)))).isEqualTo(held);
        assertThat(Answers.plain(sent(Answers.of(plain)))).isEqualTo(plain);
    }

    @Test
    void aPlansTimeIsThatOfWhoAsked() throws Exception {
        var candidates = List.of(new OffsetRange(0, 4));
        var plan = new Planned(QueueError.NONE, new Plan(candidates, 9, 5, 1_250));
        var idle = new Planned(QueueError.NONE, Plan.NOTHING);
        var unknown = new Planned(QueueError.NOT_INITIALIZED, null);

        assertThat(Answers.planned(sent(Answers.of(plan, 1_000)), 50_000))
                .isEqualTo(new Planned(QueueError.NONE, new Plan(candidates, 9, 5, 50_250)));
        assertThat(Answers.planned(sent(Answers.of(idle, 1_000)), 50_000)).isEqualTo(idle);
        assertThat(Answers.planned(sent(Answers.of(unknown, 1_000)), 50_000)).isEqualTo(unknown);
    }

    @Test
    void whatIsGatheredArrives() throws Exception {
        var lags = List.of(new Gathered<>(KEY, new PartitionLag(3, 9, 2)));
        var view =
                new QueueView(
                        new QueueView.Offsets(3, 9),
                        new QueueView.Counts(1, 2, 3, 4, 5),
                        Traits.NEVER,
                        List.of(new QueueView.One(4, Phase.ACQUIRED, 2, "m", 99)));
        var views = List.of(new Gathered<>(KEY, view));

        assertThat(Answers.offsets(sent(Answers.offsets(lags, QueueError.NOT_COORDINATOR))))
                .isEqualTo(new QueueRouter.Part<>(lags, QueueError.NOT_COORDINATOR));
        assertThat(Looks.views(sent(Looks.of(views, QueueError.NONE))))
                .isEqualTo(new QueueRouter.Part<>(views, QueueError.NONE));
        assertThat(Answers.member(sent(Answers.member(Errors.UNKNOWN_MEMBER_ID))))
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    }

    @Test
    void nonsenseIsRefused() {
        var nameless = PeerCall.newBuilder().setDelete(QueueName.getDefaultInstance()).build();
        var outside =
                new Scan(5, 6, List.of(new Scan.Unit(new OffsetRange(9, 9), Traits.PLAIN)), false);

        assertThatThrownBy(() -> Calls.request(nameless))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Calls.request(PeerCall.getDefaultInstance()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Calls.request(Calls.of(acquire(outside))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Calls.request(Calls.of(new QueueRequest.Reset(KEY, -1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Answers.held(PeerAnswer.getDefaultInstance()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Answers.plain(PeerAnswer.newBuilder().setError(99).build()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
