package io.millrace.broker.group.offsets;

import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest.Offset;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.group.Membership.CommitCheck;
import io.millrace.broker.group.Membership.OffsetAge;
import io.millrace.broker.group.Output;
import io.millrace.broker.group.RecordKeys;
import io.millrace.broker.group.member.PartitionCodec;
import io.millrace.broker.proto.OffsetValue;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a group has committed, deleted and forgotten (KIP-211). Mutable; belongs to its shard. */
public final class CommittedOffsets {
    private final String group;
    private final Map<Place, CommittedOffset> offsets = new HashMap<>();

    /** When offsets came, by the clock and among all of the shard. */
    public record Arrival(OffsetOrder order, long nowMs) {}

    public CommittedOffsets(String group) {
        this.group = group;
    }

    public boolean isEmpty() {
        return offsets.isEmpty();
    }

    public @Nullable CommittedOffset at(Place place) {
        return offsets.get(place);
    }

    /** All of them; a view. */
    public Map<Place, CommittedOffset> all() {
        return Collections.unmodifiableMap(offsets);
    }

    /** Commits what passes the check and is within bounds; one outcome an offset. */
    public List<GroupError> commit(
            List<Offset> asked,
            CommitCheck check,
            int maxMetadataBytes,
            Arrival arrival,
            Output<?> out) {
        var outcomes = new ArrayList<GroupError>(asked.size());
        for (Offset offset : asked) {
            var place = new Place(offset.topic(), offset.partition());
            GroupError error = check.of(place);
            if (error == GroupError.NONE && offset.metadata().length() > maxMetadataBytes) {
                error = GroupError.OFFSET_METADATA_TOO_LARGE;
            }
            if (error == GroupError.NONE) {
                put(place, offset.committed(arrival.order().next(), arrival.nowMs()), out);
            }
            outcomes.add(error);
        }
        return outcomes;
    }

    private void put(Place place, CommittedOffset committed, Output<?> out) {
        offsets.put(place, committed);
        out.store(
                new StoredRecord(
                        RecordKeys.offset(group, place), encode(committed).toByteString()));
    }

    /** Commits what a transaction had pending, unless what came later was committed meanwhile. */
    public void settle(Place place, CommittedOffset pending, Output<?> out) {
        CommittedOffset present = offsets.get(place);
        if (present == null || present.order() <= pending.order()) {
            put(place, pending, out);
        }
    }

    static OffsetValue encode(CommittedOffset committed) {
        var value =
                OffsetValue.newBuilder()
                        .setOffset(committed.offset())
                        .setLeaderEpoch(committed.leaderEpoch())
                        .setMetadata(committed.metadata())
                        .setOrder(committed.order())
                        .setCommittedMs(committed.committedMs());
        if (committed.expireMs() != CommittedOffset.BY_THE_BROKER) {
            value.setExpireMs(committed.expireMs());
        }
        if (committed.topicId() != null) {
            value.setTopicId(PartitionCodec.id(committed.topicId()));
        }
        return value.build();
    }

    static CommittedOffset decode(OffsetValue value) {
        return new CommittedOffset(
                value.getOffset(),
                value.getLeaderEpoch(),
                value.getMetadata(),
                value.getOrder(),
                value.getCommittedMs(),
                value.hasExpireMs() ? value.getExpireMs() : CommittedOffset.BY_THE_BROKER,
                value.hasTopicId() ? PartitionCodec.id(value.getTopicId()) : null);
    }

    /** Deletes those of topics that nobody subscribes to; one outcome each. */
    public List<GroupError> delete(
            List<Place> places, Predicate<String> subscribed, Output<?> out) {
        var outcomes = new ArrayList<GroupError>(places.size());
        for (Place place : places) {
            if (subscribed.test(place.topic())) {
                outcomes.add(GroupError.GROUP_SUBSCRIBED_TO_TOPIC);
            } else {
                remove(place, out);
                outcomes.add(GroupError.NONE);
            }
        }
        return outcomes;
    }

    private void remove(Place place, Output<?> out) {
        if (offsets.remove(place) != null) {
            out.store(new StoredRecord(RecordKeys.offset(group, place), null));
        }
    }

    /** Forgets all of them. */
    public void clear(Output<?> out) {
        List.copyOf(offsets.keySet()).forEach(place -> remove(place, out));
    }

    /** Forgets those of a topic that is gone. */
    public void forgetTopic(String topic, Output<?> out) {
        offsets.keySet().stream()
                .filter(place -> place.topic().equals(topic))
                .toList()
                .forEach(place -> remove(place, out));
    }

    /** Forgets those that have been of no use for as long as the broker, or they, say. */
    public void expire(OffsetAge age, long retentionMs, long nowMs, Output<?> out) {
        offsets.entrySet().stream()
                .filter(each -> isExpired(age, retentionMs, nowMs, each))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(place -> remove(place, out));
    }

    private static boolean isExpired(
            OffsetAge age, long retentionMs, long nowMs, Map.Entry<Place, CommittedOffset> each) {
        CommittedOffset offset = each.getValue();
        long unusedSinceMs = age.unusedSinceMs(each.getKey(), offset);
        if (unusedSinceMs == OffsetAge.NEVER) {
            return false;
        }
        return offset.expireMs() == CommittedOffset.BY_THE_BROKER
                ? unusedSinceMs <= nowMs - retentionMs
                : offset.expireMs() <= nowMs;
    }

    /**
     * Applies a stored record.
     *
     * @param value null if the offset was removed
     */
    public void replay(Place place, @Nullable OffsetValue value) {
        if (value == null) {
            offsets.remove(place);
        } else {
            offsets.put(place, decode(value));
        }
    }
}
