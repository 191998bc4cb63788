package io.millrace.broker.transaction;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.proto.TransactionKey;
import io.millrace.broker.proto.TransactionParticipants;
import io.millrace.broker.proto.TransactionPhase;
import io.millrace.broker.proto.TransactionValue;
import io.millrace.broker.shard.StoredRecord;
import io.millrace.broker.transaction.Transaction.Stored;

/** A transaction as its log keeps it. Stateless. */
final class TransactionRecords {
    private TransactionRecords() {}

    static StoredRecord of(Transaction<?> transaction) {
        Stored stored = transaction.stored();
        var value =
                TransactionValue.newBuilder()
                        .setPhase(stored.state().phase())
                        .setProducerId(stored.producer().id())
                        .setEpoch(stored.producer().epoch())
                        .setLastProducerId(stored.last().id())
                        .setLastEpoch(stored.last().epoch())
                        .setNextProducerId(stored.nextId())
                        .setTimeoutMs(stored.timeoutMs())
                        .setStartMs(stored.startMs())
                        .setUpdatedMs(stored.updatedMs())
                        .setEpochRaised(stored.epochRaised());
        TransactionParticipants.Builder topic = null;
        for (Participant participant : transaction.participants()) {
            if (topic == null || !topic.getTopic().equals(participant.topic())) {
                topic = value.addParticipantsBuilder().setTopic(participant.topic());
            }
            topic.addPartitions(participant.partition());
        }
        return new StoredRecord(key(transaction.id()), value.build().toByteString());
    }

    static StoredRecord gone(String id) {
        return new StoredRecord(key(id), null);
    }

    private static ByteString key(String id) {
        return TransactionKey.newBuilder().setTransactionalId(id).build().toByteString();
    }

    static String idOf(StoredRecord record) throws InvalidProtocolBufferException {
        return TransactionKey.parseFrom(record.key()).getTransactionalId();
    }

    static <T> Transaction<T> read(String id, ByteString bytes)
            throws InvalidProtocolBufferException {
        TransactionValue value = TransactionValue.parseFrom(bytes);
        if (value.getPhase() == TransactionPhase.UNRECOGNIZED
                || value.getPhase() == TransactionPhase.TRANSACTION_PHASE_UNSPECIFIED) {
            throw new InvalidProtocolBufferException("a transaction in no known phase");
        }
        var transaction =
                new Transaction<T>(
                        id,
                        new Stored(
                                TransactionState.of(value.getPhase()),
                                new ProducerIdentity(
                                        value.getProducerId(), (short) value.getEpoch()),
                                new ProducerIdentity(
                                        value.getLastProducerId(), (short) value.getLastEpoch()),
                                value.getNextProducerId(),
                                value.getTimeoutMs(),
                                value.getStartMs(),
                                value.getUpdatedMs(),
                                value.getEpochRaised()));
        for (TransactionParticipants topic : value.getParticipantsList()) {
            topic.getPartitionsList()
                    .forEach(index -> transaction.add(new Participant(topic.getTopic(), index)));
        }
        return transaction;
    }
}
