package io.millrace.broker.group.offsets;

import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.RecordKeys;
import io.millrace.broker.proto.GroupRecordKey;
import io.millrace.broker.proto.PendingOffsetValue;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.storage.producer.EndDecision;
import io.millrace.storage.producer.TransactionEnd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Offsets that open transactions are to commit, of all groups of a shard, by producer. By the rules
 * of a partition's producers (KIP-890): the first commit of a transaction is taken only if the
 * coordinator was asked, and if the transaction has not ended meanwhile. Mutable; belongs to its
 * shard.
 */
public final class PendingOffsets {
    private static final int MOST_HEARD = 10_000;

    private final Map<Long, Open> open = new HashMap<>();
    private final Enlistments enlisted = new Enlistments();

    /** The newest connection that each writer has come over; the eldest are forgotten. */
    private final Map<Writer, Long> heard = new LinkedHashMap<>();

    private final NewestCoordinators coordinators = new NewestCoordinators();

    /** A producer as it names itself. */
    public record Writer(long producerId, short epoch) {}

    /** One producer's transaction. */
    private record Open(short epoch, Map<String, Map<Place, CommittedOffset>> groups) {}

    /** The number by which the producer may begin; 0 if it has begun. */
    public long enlist(Writer writer) {
        Open found = open.get(writer.producerId());
        return found != null && found.epoch() == writer.epoch() ? 0 : enlisted.begin(writer);
    }

    /** Whoever has this number does not wait for the coordinator any more. */
    public void withdraw(long producerId, long number) {
        enlisted.end(producerId, number);
    }

    /** Whether the producer has committed over a newer connection; remembers this one if not. */
    public boolean isLate(Writer writer, long connection) {
        long newest = heard.getOrDefault(writer, 0L);
        if (connection >= newest) {
            heard.put(writer, connection);
        }
        if (heard.size() > MOST_HEARD) {
            heard.remove(heard.keySet().iterator().next());
        }
        return connection < newest;
    }

    /** What stands against a producer's commit; NONE if nothing does. */
    public GroupError check(Writer writer, long number) {
        Open found = open.get(writer.producerId());
        if (found != null && found.epoch() != writer.epoch()) {
            return found.epoch() > writer.epoch()
                    ? GroupError.INVALID_PRODUCER_EPOCH
                    : GroupError.INVALID_TXN_STATE;
        }
        return found != null || enlisted.holds(writer, number)
                ? GroupError.NONE
                : GroupError.INVALID_TXN_STATE;
    }

    /** Adds an offset to the producer's transaction, in place of an earlier one. */
    public void put(
            Writer writer, String group, Place place, CommittedOffset offset, Output<?> out) {
        remember(writer, group, place, offset);
        enlisted.endAll(writer.producerId());
        var value =
                PendingOffsetValue.newBuilder()
                        .setProducerEpoch(writer.epoch())
                        .setOffset(CommittedOffsets.encode(offset));
        out.store(
                new StoredRecord(
                        RecordKeys.pendingOffset(group, place, writer.producerId()),
                        value.build().toByteString()));
    }

    private void remember(Writer writer, String group, Place place, CommittedOffset offset) {
        open.computeIfAbsent(writer.producerId(), id -> new Open(writer.epoch(), new HashMap<>()))
                .groups()
                .computeIfAbsent(group, name -> new HashMap<>())
                .put(place, offset);
    }

    /** Tells where in a group some transaction is to commit an offset; valid until one changes. */
    public Predicate<Place> heldOf(String group) {
        var pending = new ArrayList<Map<Place, CommittedOffset>>();
        for (Open each : open.values()) {
            Map<Place, CommittedOffset> offsets = each.groups().get(group);
            if (offsets != null) {
                pending.add(offsets);
            }
        }
        return place -> pending.stream().anyMatch(offsets -> offsets.containsKey(place));
    }

    /** Says what becomes of a coordinator's decision. Who has enlisted has done so in vain. */
    public EndDecision decide(TransactionEnd end) {
        if (coordinators.isStale(end.producerId(), end.coordinatorEpoch())) {
            return EndDecision.STALE_COORDINATOR;
        }
        Open found = open.get(end.producerId());
        boolean stale =
                found != null
                        && (end.raisesEpoch()
                                ? end.epoch() <= found.epoch()
                                : end.epoch() < found.epoch());
        if (stale) {
            return EndDecision.STALE_EPOCH;
        }
        coordinators.decided(end.producerId(), end.coordinatorEpoch());
        enlisted.ended(end.producerId(), end.epoch(), !end.raisesEpoch());
        return found == null ? EndDecision.NOTHING_OPEN : EndDecision.WRITE;
    }

    /** What a producer's transaction has pending, by group; a view. */
    public Map<String, Map<Place, CommittedOffset>> of(long producerId) {
        Open found = open.get(producerId);
        return found == null ? Map.of() : Collections.unmodifiableMap(found.groups());
    }

    /** Forgets what a producer's transaction had pending: after what it commits is stored. */
    public void ended(long producerId, Output<?> out) {
        Open found = open.remove(producerId);
        if (found != null) {
            found.groups()
                    .forEach((group, offsets) ->
                            offsets.keySet().forEach(place -> gone(group, place, producerId, out)));
        }
    }

    private static void gone(String group, Place place, long producerId, Output<?> out) {
        out.store(new StoredRecord(RecordKeys.pendingOffset(group, place, producerId), null));
    }

    /** Forgets what is pending in a group that is deleted. */
    public void forget(String group, Output<?> out) {
        forgetWhere((of, place) -> of.equals(group), out);
    }

    /** Forgets what is pending at places of a group, as their committed offsets are deleted. */
    public void forget(String group, Set<Place> where, Output<?> out) {
        forgetWhere((of, place) -> of.equals(group) && where.contains(place), out);
    }

    /**
     * Forgets what is pending for a topic that is deleted, so that no commit brings its offsets
     * back, maybe to another topic of the name. The transactions stay open: what else they commit
     * is not asked for anew.
     */
    public void forgetTopic(String topic, Output<?> out) {
        forgetWhere((of, place) -> place.topic().equals(topic), out);
    }

    private void forgetWhere(BiPredicate<String, Place> matches, Output<?> out) {
        open.forEach((producerId, each) ->
                each.groups()
                        .entrySet()
                        .removeIf(offsets -> {
                            String group = offsets.getKey();
                            offsets.getValue()
                                    .keySet()
                                    .removeIf(place -> {
                                        boolean goes = matches.test(group, place);
                                        if (goes) {
                                            gone(group, place, producerId, out);
                                        }
                                        return goes;
                                    });
                            return offsets.getValue().isEmpty();
                        }));
    }

    /**
     * Applies a stored record.
     *
     * @param value null if nothing is pending there any more
     */
    public void replay(GroupRecordKey key, @Nullable PendingOffsetValue value) {
        var place = new Place(key.getOffset().getTopic(), key.getOffset().getPartition());
        if (value != null) {
            remember(
                    new Writer(key.getTransactionOf(), (short) value.getProducerEpoch()),
                    key.getGroup(),
                    place,
                    CommittedOffsets.decode(value.getOffset()));
            return;
        }
        Open found = open.get(key.getTransactionOf());
        Map<Place, CommittedOffset> offsets =
                found == null ? null : found.groups().get(key.getGroup());
        if (found == null || offsets == null) {
            return;
        }
        offsets.remove(place);
        if (offsets.isEmpty()) {
            found.groups().remove(key.getGroup());
        }
        if (found.groups().isEmpty()) {
            open.remove(key.getTransactionOf());
        }
    }
}
