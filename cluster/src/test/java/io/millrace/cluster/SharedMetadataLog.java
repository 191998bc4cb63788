package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.SnapshotRecords;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.cluster.quorum.QuorumDescription;
import io.millrace.cluster.quorum.Standing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One metadata log and the nodes that read it: each hears of batches and of leaders when it is told
 * to. A leader that is replaced goes on believing that it leads until it hears of the next.
 */
final class SharedMetadataLog {
    private final List<Batch> batches = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final Set<UUID> createdTopics = new HashSet<>();
    private ClusterImage image = ClusterImage.empty("c");
    private int leader;
    private int epoch;

    private record Batch(List<MetadataRecord> records, long endOffset) {}

    private record Proposal(List<MetadataRecord> records, CompletableFuture<Long> committed) {}

    /** How often a leader was elected. */
    int elections() {
        return epoch;
    }

    /** Told of every proposal, in the moment of it. */
    interface Witness {
        void proposed(int node, List<MetadataRecord> records);
    }

    /** A node's access to the log. */
    final class Member implements MetadataQuorum {
        private final int id;
        private final Witness witness;
        private final List<Proposal> pending = new ArrayList<>();
        private @Nullable Listener listener;
        private int told;
        private int knownLeader;
        private int knownEpoch;

        Member(int id, Witness witness) {
            this.id = id;
            this.witness = witness;
        }

        private Listener listener() {
            if (listener == null) {
                throw new IllegalStateException("not started");
            }
            return listener;
        }

        boolean believesToLead() {
            return knownLeader == id;
        }

        @Override
        public void start(Listener starting) {
            listener = starting;
        }

        @Override
        public Standing standing() {
            return new Standing(true, 1, true, 0);
        }

        @Override
        public OptionalInt leader() {
            return knownLeader == 0 ? OptionalInt.empty() : OptionalInt.of(knownLeader);
        }

        @Override
        public CompletableFuture<Long> propose(List<MetadataRecord> records) {
            if (!believesToLead()) {
                return CompletableFuture.failedFuture(
                        new NotControllerException(leader(), knownEpoch));
            }
            witness.proposed(id, records);
            var proposal = new Proposal(records, new CompletableFuture<>());
            pending.add(proposal);
            return proposal.committed();
        }

        /** Hears of so many batches more. */
        void hear(int count) {
            for (int i = 0; i < count && told < batches.size(); i++) {
                Batch next = batches.get(told++);
                listener().committed(next.records(), next.endOffset());
            }
        }

        /** Is so far behind that it gets all that there is at once. */
        void restore() {
            if (told == batches.size()) {
                return;
            }
            told = batches.size();
            listener().restored(SnapshotRecords.of(image), image.endOffset());
        }

        /** Hears of the leader, if that is news. */
        void hearOfLeader() {
            if (knownLeader == leader && knownEpoch == epoch || leader == id) {
                return;
            }
            knownEpoch = epoch;
            knownLeader = leader;
            forgetPending();
            listener().following(leader(), epoch);
        }

        /** Hears that the leader is gone, and of none. */
        void loseLeader() {
            if (knownLeader != id) {
                knownLeader = 0;
                listener().following(OptionalInt.empty(), knownEpoch);
            }
        }

        private void forgetPending() {
            var lost = List.copyOf(pending);
            pending.clear();
            lost.forEach(proposal ->
                    proposal.committed()
                            .completeExceptionally(
                                    new NotControllerException(leader(), knownEpoch)));
        }

        private void lead() {
            hear(Integer.MAX_VALUE);
            knownEpoch = epoch;
            knownLeader = id;
            forgetPending();
            listener().leading(epoch);
        }

        /** Commits so many of its proposals, if it is the leader indeed. */
        void commit(int count) {
            if (leader != id || knownEpoch != epoch) {
                return;
            }
            for (int i = 0; i < count && !pending.isEmpty(); i++) {
                Proposal next = pending.removeFirst();
                append(next.records());
                hear(Integer.MAX_VALUE);
                next.committed().complete(image.endOffset());
            }
        }

        @Override
        public void snapshot(Iterator<MetadataRecord> records, long endOffset) {
            assertThat(endOffset).isEqualTo(batches.get(told - 1).endOffset());
        }

        @Override
        public CompletableFuture<QuorumDescription> describe() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            forgetPending();
        }
    }

    Member join(int id, Witness witness) {
        var member = new Member(id, witness);
        members.add(member);
        return member;
    }

    /** What is committed. */
    ClusterImage image() {
        return image;
    }

    int leader() {
        return leader;
    }

    boolean wasCreated(UUID topic) {
        return createdTopics.contains(topic);
    }

    /**
     * Another leads from now on.
     *
     * @param kept how many of the proposals that the last leader made and nobody has heard the fate
     *     of are committed all the same
     */
    void elect(Member next, int kept) {
        for (Member member : members) {
            if (member.id == leader && member.knownEpoch == epoch) {
                member.pending.stream().limit(kept).forEach(proposal -> append(proposal.records()));
            }
        }
        leader = next.id;
        epoch++;
        batches.add(new Batch(List.of(), image.endOffset() + 1));
        image = new ImageBuilder(image).build(image.endOffset() + 1);
        next.lead();
    }

    private void append(List<MetadataRecord> records) {
        long lastId = image.nextProducerId();
        for (MetadataRecord record : records) {
            if (record.hasTopicCreated()) {
                assertThat(image.topic(record.getTopicCreated().getName()))
                        .as("a topic is there already")
                        .isNull();
                var bytes = record.getTopicCreated().getTopicId().asReadOnlyByteBuffer();
                assertThat(createdTopics.add(new UUID(bytes.getLong(), bytes.getLong())))
                        .as("a topic is created once")
                        .isTrue();
            }
            if (record.hasProducerIdsAllocated()) {
                assertThat(record.getProducerIdsAllocated().getNextProducerId())
                        .isGreaterThan(lastId);
                lastId = record.getProducerIdsAllocated().getNextProducerId();
            }
        }
        var builder = new ImageBuilder(image);
        records.forEach(builder::apply);
        image = builder.build(image.endOffset() + records.size());
        batches.add(new Batch(records, image.endOffset()));
    }
}
