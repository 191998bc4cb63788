package io.millrace.broker.handler.peer;

import com.google.protobuf.ByteString;
import io.millrace.broker.proto.AcknowledgeCall;
import io.millrace.broker.proto.AcknowledgedSpan;
import io.millrace.broker.proto.AcquireCall;
import io.millrace.broker.proto.BeginCall;
import io.millrace.broker.proto.PeerCall;
import io.millrace.broker.proto.ReleaseCall;
import io.millrace.broker.proto.ScanFound;
import io.millrace.broker.proto.ScanUnit;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.model.AckBatch;
import io.millrace.broker.queue.model.Acquisition;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.queue.model.Scan;
import io.millrace.broker.queue.model.Traits;
import java.util.ArrayList;
import java.util.List;

/** Requests to queues, to and from messages. Stateless. */
final class Calls {
    private Calls() {}

    static PeerCall of(QueueRequest request) {
        var call = PeerCall.newBuilder();
        switch (request) {
            case QueueRequest.Initialize initialize ->
                    call.setInitialize(begin(initialize.key(), initialize.startOffset()));
            case QueueRequest.Acquire acquire -> call.setAcquire(of(acquire));
            case QueueRequest.Acknowledge acknowledge -> call.setAcknowledge(of(acknowledge));
            case QueueRequest.ReleaseAll release ->
                    call.setRelease(
                            ReleaseCall.newBuilder()
                                    .setQueue(Names.of(release.key()))
                                    .setMember(release.member())
                                    .setUnanswered(release.unanswered()));
            case QueueRequest.TakeBack back ->
                    call.setTakeBack(
                            ReleaseCall.newBuilder()
                                    .setQueue(Names.of(back.key()))
                                    .setMember(back.member())
                                    .setUnanswered(back.unanswered()));
            case QueueRequest.Reset reset -> call.setReset(begin(reset.key(), reset.startOffset()));
            case QueueRequest.Delete delete -> call.setDelete(Names.of(delete.key()));
            case QueueRequest.Buried _ ->
                    throw new IllegalArgumentException("a shard says this to itself");
        }
        return call.build();
    }

    private static BeginCall begin(QueueKey key, long startOffset) {
        return BeginCall.newBuilder().setQueue(Names.of(key)).setStartOffset(startOffset).build();
    }

    private static AcquireCall of(QueueRequest.Acquire acquire) {
        Acquisition wish = acquire.wish();
        Scan scan = wish.found().scan();
        var found =
                ScanFound.newBuilder()
                        .setFrom(scan.from())
                        .setTo(scan.to())
                        .setIndexed(scan.indexed());
        for (Scan.Unit unit : scan.units()) {
            var each = ScanUnit.newBuilder().setRange(Names.of(unit.range()));
            if (!unit.traits().equals(Traits.PLAIN)) {
                each.setTraits(Names.of(unit.traits()));
            }
            found.addUnits(each);
        }
        return AcquireCall.newBuilder()
                .setQueue(Names.of(acquire.key()))
                .setMember(wish.member())
                .setMost(wish.most())
                .setStrict(wish.strict())
                .setLogStart(wish.logStart())
                .setFetch(wish.fetch())
                .addAllOffered(Names.spans(wish.found().offered()))
                .addAllGone(Names.spans(wish.found().gone()))
                .setScan(found)
                .build();
    }

    private static AcknowledgeCall of(QueueRequest.Acknowledge acknowledge) {
        var call =
                AcknowledgeCall.newBuilder()
                        .setQueue(Names.of(acknowledge.key()))
                        .setMember(acknowledge.member());
        for (AckBatch batch : acknowledge.batches()) {
            var types = new byte[batch.types().size()];
            for (int i = 0; i < types.length; i++) {
                types[i] = batch.types().get(i);
            }
            call.addBatches(
                    AcknowledgedSpan.newBuilder()
                            .setFirst(batch.first())
                            .setLast(batch.last())
                            .setTypes(ByteString.copyFrom(types)));
        }
        return call.build();
    }

    /**
     * The request that a call makes.
     *
     * @throws IllegalArgumentException if it makes none
     */
    static QueueRequest request(PeerCall call) {
        return switch (call.getAskedCase()) {
            case INITIALIZE ->
                    new QueueRequest.Initialize(
                            Names.key(call.getInitialize().getQueue()),
                            start(call.getInitialize()));
            case ACQUIRE -> acquire(call.getAcquire());
            case ACKNOWLEDGE -> acknowledge(call.getAcknowledge());
            case RELEASE ->
                    new QueueRequest.ReleaseAll(
                            Names.key(call.getRelease().getQueue()),
                            call.getRelease().getMember(),
                            call.getRelease().getUnanswered());
            case TAKE_BACK ->
                    new QueueRequest.TakeBack(
                            Names.key(call.getTakeBack().getQueue()),
                            call.getTakeBack().getMember(),
                            call.getTakeBack().getUnanswered());
            case RESET ->
                    new QueueRequest.Reset(
                            Names.key(call.getReset().getQueue()), start(call.getReset()));
            case DELETE -> new QueueRequest.Delete(Names.key(call.getDelete()));
            default -> throw new IllegalArgumentException("no request: " + call.getAskedCase());
        };
    }

    private static long start(BeginCall call) {
        if (call.getStartOffset() < 0) {
            throw new IllegalArgumentException("no offset: " + call.getStartOffset());
        }
        return call.getStartOffset();
    }

    private static QueueRequest acquire(AcquireCall call) {
        var found =
                new Acquisition.Found(
                        Names.ranges(call.getOfferedList()),
                        Names.ranges(call.getGoneList()),
                        scan(call.getScan()));
        return new QueueRequest.Acquire(
                Names.key(call.getQueue()),
                new Acquisition(
                        call.getMember(),
                        call.getMost(),
                        call.getStrict(),
                        call.getLogStart(),
                        call.getFetch(),
                        found));
    }

    /** What was looked at: units in order, none outside of it. */
    private static Scan scan(ScanFound found) {
        var units = new ArrayList<Scan.Unit>(found.getUnitsCount());
        long next = found.getFrom();
        for (ScanUnit unit : found.getUnitsList()) {
            var range = Names.range(unit.getRange());
            if (range.first() < next) {
                throw new IllegalArgumentException("units out of order: " + range);
            }
            next = range.last() + 1;
            units.add(
                    new Scan.Unit(
                            range,
                            unit.hasTraits() ? Names.traits(unit.getTraits()) : Traits.PLAIN));
        }
        if (found.getFrom() < 0 || found.getTo() < next) {
            throw new IllegalArgumentException(
                    "nothing was looked at from %d to %d"
                            .formatted(found.getFrom(), found.getTo()));
        }
        return new Scan(found.getFrom(), found.getTo(), units, found.getIndexed());
    }

    private static QueueRequest acknowledge(AcknowledgeCall call) {
        var batches = new ArrayList<AckBatch>(call.getBatchesCount());
        for (AcknowledgedSpan span : call.getBatchesList()) {
            var types = new ArrayList<Byte>(span.getTypes().size());
            span.getTypes().forEach(types::add);
            batches.add(new AckBatch(span.getFirst(), span.getLast(), List.copyOf(types)));
        }
        return new QueueRequest.Acknowledge(
                Names.key(call.getQueue()), call.getMember(), List.copyOf(batches));
    }
}
