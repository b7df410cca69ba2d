// Entry of kafka-storage.sh.
console.log("storage");
